package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.plan.PlanStatistics;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The plans of every model, trained and evaluated with the batch of its recipe, in numbers. */
class PlansTest {
    static List<ExampleModel> models() {
        return Catalogue.MODELS;
    }

    @ParameterizedTest
    @MethodSource("models")
    void temporariesTakeAtMostATenthMoreThanWhatIsLiveAtOnce(ExampleModel model) {
        int batch = model.recipe().batch();
        for (Graph graph : List.of(ModelGraph.training(model.task(), batch, model.recipe().optimizer()).graph(),
                ModelGraph.evaluation(model.task(), batch).graph())) {
            DeviceInfo device = TestDevices.shared("opencl:0").info();
            PlanStatistics statistics = Compiler.blueprint(graph, device, CompileOptions.defaults()).statistics();
            assertThat(statistics.launches()).isPositive();
            assertThat((double) statistics.temporaryBytes()).as("%s: %s", graph.name(), statistics)
                    .isLessThanOrEqualTo(1.1 * statistics.boundBytes());
        }
    }
}
