package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class TrainingPageTest {
    @TempDir
    private Path folder;

    private Document page(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("train"));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--device", "host", "--epochs", "2", "--report", folder.resolve("new/reports").toString()));
        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("report " + folder.resolve("new/reports/report.html"));
        String html = Files.readString(folder.resolve("new/reports/report.html"));
        assertThat(html).doesNotContain("<script", "<link", "@import", "url(", "http:", "https:", "file:", "NaN", "Infinity");
        assertThat(Pattern.compile("\\b(src|href)=\"(?!data:image/png;base64,)").matcher(html).find()).isFalse();
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(
                html.replace("<!DOCTYPE html>", "").strip().getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Element> elements(Document page, String name) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < page.getElementsByTagName(name).getLength(); i++) {
            elements.add((Element) page.getElementsByTagName(name).item(i));
        }
        return elements;
    }

    private static List<Integer> points(Document page) {
        return elements(page, "polyline").stream().map(line -> line.getAttribute("points").split(" ").length).toList();
    }

    @Test
    void aClassifiersPageHasCurvesClassesSamplesAndTimes() throws Exception {
        DigitFiles.write(folder.resolve("data"), 96, 40);
        Document page = page("softmax-regression", "--data", folder.resolve("data").toString(), "--batch", "32");
        // Three steps in each of two epochs; then accuracy and loss of the test data after each epoch.
        assertThat(points(page)).containsExactly(6, 2, 2);
        Element confusion = elements(page, "table").stream().filter(table -> table.getAttribute("id").equals("confusion")).findFirst().orElseThrow();
        int counted = 0;
        for (int i = 0; i < confusion.getElementsByTagName("td").getLength(); i++) {
            String cell = confusion.getElementsByTagName("td").item(i).getTextContent();
            counted += cell.contains(".") ? 0 : Integer.parseInt(cell);
        }
        assertThat(counted).isEqualTo(40);
        assertThat(elements(page, "img")).hasSizeGreaterThanOrEqualTo(12);
        assertThat(page.getDocumentElement().getTextContent()).contains("waiting for the loss", "the whole step", "optimizer", "Environment", "host");
    }

    @Test
    void whatTellsNoClassesApartHasCurvesOnly() throws Exception {
        Document page = page("linear-regression", "--limit", "50");
        assertThat(points(page)).containsExactly(10, 2, 2);
        assertThat(elements(page, "img")).isEmpty();
    }

    @Test
    void aReportIntoAFileIsRefusedBeforeTraining() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "kept");
        for (Path bad : List.of(file, file.resolve("below"))) {
            CommandRun run = CommandRun.of("train", "linear-regression", "--device", "host", "--report", bad.toString());
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err().lines()).hasSize(1).first().asString().contains("--report " + bad);
            assertThat(run.out()).isEmpty();
        }
        assertThat(file).hasContent("kept");
    }
}
