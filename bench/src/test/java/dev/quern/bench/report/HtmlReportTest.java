package dev.quern.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.result.Environment;
import dev.quern.bench.suite.Row;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class HtmlReportTest {
    private static final Ceilings CEILINGS = new Ceilings(30e9, "streaming stores", 20e9, "sums", 300e9, "12 chains");

    private static Row row(String suite, String name, String variant, boolean best, double millis, double bytes, double peer) {
        Optional<Timing> timing = millis > 0 ? Optional.of(Timing.of(new long[] {Math.round(millis * 1e6)})) : Optional.empty();
        return new Row(suite, name, "forward", variant, best, "opencl:0", "abc", timing, 2e8, bytes,
                Optional.of(CEILINGS.roof(2e8, bytes, bytes / 3)), 1e-7,
                peer > 0 ? Map.of("py<torch>", Timing.of(new long[] {Math.round(peer * 1e6)})) : Map.of());
    }

    private static final List<Row> ROWS = List.of(row("gemm", "512", "packed", true, 1, 3e6, 2), row("gemm", "512", "naive", false, 80, 3e6, 2),
            row("gemm", "1024", "packed", true, 2, 3e6, 1), row("gemm", "1024", "broken", false, 0, 3e6, 1),
            row("train", "lenet/b64", "plan", true, 3, 0, 0));

    private static String page() {
        return HtmlReport.page(new Environment(Map.of("device", "a \"fine\" <device>", "commit", "12ab")), CEILINGS, ROWS,
                List.of("peer openblas: absent & missed"));
    }

    private static Document document() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        // The document type names no definition to fetch.
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(page().replace("<!DOCTYPE html>", "")
                .getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void thePageIsWellFormedAndHasAChartAndATableForEachSuite() throws Exception {
        Document page = document();
        assertThat(page.getElementsByTagName("section").getLength()).isEqualTo(1 + 2 + 1);
        // Bars for both suites, and a roofline only where bytes are known.
        assertThat(charts(page)).isEqualTo(3);
        assertThat(page.getDocumentElement().getTextContent()).contains("a \"fine\" <device>", "py<torch>", "absent & missed",
                "not timed: wrong result", "lenet/b64");
    }

    private static long charts(Document page) {
        long charts = 0;
        for (int i = 0; i < page.getElementsByTagName("svg").getLength(); i++) {
            charts += ((Element) page.getElementsByTagName("svg").item(i)).getAttribute("class").equals("chart") ? 1 : 0;
        }
        return charts;
    }

    @Test
    void thePageNeedsNothingElse() {
        String page = page();
        assertThat(page).doesNotContain("<script", "<link", "<img", "@import", "url(", "http:", "https:", "file:", "NaN", "Infinity");
        assertThat(Pattern.compile("\\b(src|href)=\"(?!#)").matcher(page).find()).isFalse();
    }

    @Test
    void theSummaryIsOfGeometricMeansOfWhatSelectionChooses() {
        List<Summary> summaries = Summary.of(ROWS);
        assertThat(summaries).extracting(Summary::suite).containsExactly("gemm", "train");
        Summary gemm = summaries.getFirst();
        assertThat(gemm.cases()).isEqualTo(2);
        assertThat(gemm.peers().get("py<torch>").mean()).isCloseTo(1, within(1e-9));
        assertThat(gemm.peers().get("py<torch>").least()).isCloseTo(0.5, within(1e-9));
        // 2e8 operations at 300e9 a second are 2/3 ms.
        assertThat(gemm.share()).hasValueCloseTo(Math.sqrt(2.0 / 3 / 1 * 2.0 / 3 / 2), within(1e-9));
        assertThat(summaries.get(1).peers()).isEmpty();
    }
}
