package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.report.ModelDrawing;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.train.ModelGraph;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;

/** The pictures of docs/models are what {@code quern summary NAME --svg FILE} draws; {@code -Dquern.pictures.write=true} draws them anew. */
class ModelPicturesTest {
    private static final Path PICTURES = Path.of("..", "docs", "models");

    @TempDir
    private Path folder;

    /** All but a weighted sum, which has no modules inside. */
    static List<ExampleModel> models() {
        return Catalogue.MODELS.stream().filter(model -> !model.name().equals("linear-regression")).toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void thePictureIsWhatTheCommandDraws(ExampleModel small) throws IOException {
        ExampleModel model = small.inFullSize().orElse(small);
        LayerContext inside = ModelGraph.evaluation(model.task(), 1).context();
        String drawn = ModelDrawing.svg(SummaryCommand.title(model, inside), inside);
        Path file = PICTURES.resolve(model.name() + ".svg");
        if (Boolean.getBoolean("quern.pictures.write")) {
            Files.createDirectories(PICTURES);
            Files.writeString(file, drawn);
        }
        assertThat(file).hasContent(drawn);
    }

    @Test
    void aDrawingIsXmlWithEveryKindOfModule() throws Exception {
        Path file = folder.resolve("resnet18.svg");
        CommandRun run = CommandRun.of("summary", "resnet18", "--device", "host", "--svg", file.toString());
        assertThat(run.code()).as(run.err()).isZero();
        String drawn = Files.readString(file);
        var root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(drawn))).getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("svg");
        assertThat(Integer.parseInt(root.getAttribute("width"))).isBetween(300, 3000);
        // Eight residuals, of which the first two are drawn as one.
        assertThat(root.getElementsByTagName("circle").getLength()).isEqualTo(7);
        assertThat(drawn).contains("Conv2d 7\u00d77 / 2", "64\u00d716\u00d716", "0 \u2026 \u00d7 2", "AdaptiveAvgPool2d", "resnet18: 11,181,642 parameters");
        assertThat(CommandRun.of("summary", "lenet", "--svg", "/no/such/folder/a.svg").err()).contains("there is no folder /no/such/folder");
    }
}
