package dev.quern.graph.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.fuse.Decision;
import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.user.LeNetModel;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class ExplanationReportTest {
    private static Explanation lenet() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device);
                Plan plan = Compiler.compile(LeNetModel.training(8, 0.9), device, state, CompileOptions.defaults())) {
            return plan.explanation();
        }
    }

    @Test
    void everyNodeHasARegionAndEveryLineLeadsToIt() {
        Explanation explanation = lenet();
        List<String> regions = explanation.regions().stream().map(region -> region.step().region()).toList();
        assertThat(regions).doesNotHaveDuplicates().hasSizeGreaterThan(15);
        assertThat(explanation.regionsByLine()).allSatisfy((line, reached) -> {
            assertThat(line).matches("\\w+\\.java:\\d+");
            assertThat(regions).containsAll(reached);
        });
        for (Explanation.ExplainedRegion region : explanation.regions()) {
            region.step().nodes().forEach(node -> assertThat(explanation.regionsByLine().get(node.source())).contains(region.step().region()));
            assertThat(region.writes()).isNotEmpty();
        }
    }

    @Test
    void theJsonIsWholeAndTheSameEachTime() throws Exception {
        Explanation explanation = lenet();
        String text = ExplanationJson.of(explanation);
        assertThat(text).isEqualTo(ExplanationJson.of(lenet()));
        List<String> regions = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(text)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING && "region".equals(json.currentName())) {
                    regions.add(json.getText());
                }
            }
        }
        assertThat(regions).containsExactlyElementsOf(explanation.regions().stream().map(region -> region.step().region()).toList());
    }

    /** Fusions made and refused with their worth, variants that were not taken, and where values lie: in text, JSON and page alike. */
    @Test
    void everyFormSaysTheSame() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device);
                Plan plan = Compiler.compile(LeNetModel.training(8, 0.9), device, state, CompileOptions.defaults())) {
            Explanation explanation = plan.explanation();
            String json = ExplanationJson.of(explanation);
            String page = ExplanationPage.of(explanation);
            assertThat(explanation.decisions()).extracting(Decision::accepted).contains(true, false);
            for (Decision decision : explanation.decisions()) {
                assertThat(plan.explain()).contains(decision.toString()).contains(decision.prediction());
                assertThat(json).contains(decision.what()).contains("\"predicted_saved_us\" : " + decision.saved());
                assertThat(page).contains(decision.what()).contains("<td>" + decision.prediction() + "</td>");
                assertThat(Math.abs(decision.saved())).isBetween(0.1, 1e6);
            }
            for (Explanation.ExplainedRegion region : explanation.regions()) {
                region.others().forEach(other -> assertThat(plan.explain()).contains(other.variant() + " (" + other.reason() + ")"));
                region.others().forEach(other -> assertThat(json).contains("\"" + other.variant() + "\""));
                region.others().forEach(other -> assertThat(page).contains(other.variant() + " ("));
                region.writes().forEach(value -> assertThat(plan.explain()).contains(value.name() + " " + value.type() + " @" + value.place()));
                region.writes().forEach(value -> assertThat(page).contains(value.name() + " " + value.type() + " @" + value.place()));
                region.writes().forEach(value -> assertThat(json).contains("\"place\" : \"" + value.place() + "\""));
            }
        }
    }

    @Test
    void thePageIsWellFormedAndItsLinksLeadSomewhere() throws Exception {
        String page = ExplanationPage.of(lenet()).replace("<!DOCTYPE html>", "");
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("path").getLength()).as("arcs").isGreaterThan(20);
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(lenet().regions().size());
        for (int i = 0; i < document.getElementsByTagName("rect").getLength(); i++) {
            assertThat(page).contains("href=\"#region" + (i + 1) + "\"").contains("id=\"region" + (i + 1) + "\"");
        }
    }
}
