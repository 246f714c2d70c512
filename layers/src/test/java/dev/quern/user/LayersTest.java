package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.ir.Node;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerSummary;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Layers as users see them; outside the module's packages, so that source lines are this file's. */
class LayersTest {
    private static Model small() {
        return new Model("small", Shape.of(1, 8, 8), 10, Sequential.of(
                Conv2d.of(1, 4, 3).padding(1), Activation.relu(), MaxPool2d.of(2), Flatten.of(), Dense.of(64, 10)));
    }

    @Test
    void parametersHavePyTorchsPathsAndShapes() {
        LayerContext context = small().inspect();
        assertThat(context.parameters()).extracting(ParameterSpec::path)
                .containsExactly("0.weight", "0.bias", "4.weight", "4.bias");
        assertThat(context.parameters()).extracting(parameter -> parameter.shape().toString())
                .containsExactly("[4, 1, 3, 3]", "[4]", "[10, 64]", "[10]");
        assertThat(context.parameterCount()).isEqualTo(36 + 4 + 640 + 10);
    }

    @Test
    void namedAndNestedLayersGivePathsWithDots() {
        Layer inner = new Sequential(List.of(new Sequential.Member("fc", Dense.of(64, 10).withoutBias())));
        Model model = new Model("nested", Shape.of(64), 10, new Sequential(List.of(new Sequential.Member("head", inner))));
        assertThat(model.inspect().parameters()).extracting(ParameterSpec::path).containsExactly("head.fc.weight");
        assertThat(model.inspect().summaries()).extracting(LayerSummary::path).containsExactly("head", "head.fc");
        assertThat(model.inspect().summaries()).extracting(LayerSummary::parameters).containsExactly(0L, 640L);
    }

    @Test
    void recurrentLayersHavePyTorchsParametersAndShapes() {
        Model model = new Model("reader", Shape.of(5, 7), 8, Recurrent.lstm(7, 4).layers(2).inBothDirections().withBatchFirst()
                .onlyLastState());
        assertThat(model.inspect().parameters()).extracting(ParameterSpec::path).contains("weight_ih_l0", "weight_hh_l0",
                "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_ih_l1", "bias_hh_l1_reverse").hasSize(16);
        assertThat(model.inspect().parameters()).filteredOn(each -> each.path().startsWith("weight_ih_l1"))
                .allMatch(each -> each.shape().equals(Shape.of(16, 8)));
        assertThatThrownBy(() -> new Model("narrow", Shape.of(5, 6), 4, Recurrent.gru(7, 4).withBatchFirst()).inspect())
                .isInstanceOf(QuernException.class)
                .hasMessageContaining("GRU(7, 4, batch first): input [1, 5, 6], expected [N, T, 7]");
        assertThatThrownBy(() -> Recurrent.rnn(0, 4)).isInstanceOf(QuernException.class)
                .hasMessageContaining("each number must be at least 1");
    }

    @Test
    void dropoutDrawsInTrainingAndIsGoneInEvaluation() {
        Model model = new Model("thinned", Shape.of(64), 10, Sequential.of(Dense.of(64, 32), Dropout.of(0.5), Dense.of(32, 10)));
        assertThat(ModelGraph.training(Classification.of(model), 4, Sgd.momentum(0.9)).graph().nodes())
                .filteredOn(node -> node.op().label().equals("random_bernoulli")).hasSize(1);
        assertThat(ModelGraph.evaluation(Classification.of(model), 4).graph().nodes()).noneMatch(node -> node.op().label().startsWith("random"));
        assertThatThrownBy(() -> Dropout.of(-0.1)).isInstanceOf(QuernException.class).hasMessageContaining("from 0 to 1");
    }

    @Test
    void everyNodeOfTheTrainingStepBelongsToAUsersLine() {
        ModelGraph step = ModelGraph.training(Classification.of(small()), 2, Sgd.momentum(0.9));
        Node convolution = step.graph().nodes().stream().filter(node -> node.op().label().equals("conv2d")).findFirst()
                .orElseThrow();
        assertThat(convolution.place()).matches("0 \\(LayersTest\\.java:\\d+\\)");
        assertThat(step.graph().assignments()).hasSize(8);
    }

    @Test
    void aLayerKnowsItsOwnLineAmongOthersOfOneStatement() {
        Sequential layers = Sequential.of(
                Flatten.of(),
                Dense.of(64, 10));
        List<Integer> lines = layers.members().stream().map(member -> member.layer().line().orElseThrow().text())
                .map(text -> Integer.parseInt(text.substring(text.indexOf(':') + 1))).toList();
        assertThat(lines.get(1)).isEqualTo(lines.get(0) + 1);
    }

    @Test
    void aDenseLayerOnAnImageAsksForAFlatten() {
        Model model = new Model("bad", Shape.of(1, 8, 8), 10, Sequential.of(Dense.of(64, 10)));
        assertThatThrownBy(model::inspect).isInstanceOf(QuernException.class).hasMessageMatching(
                "0 \\(LayersTest\\.java:\\d+\\): Dense\\(64, 10\\): input \\[1, 1, 8, 8], expected \\[N, 64]; "
                        + "put a Flatten before it");
    }

    @Test
    void wrongChannelsNameTheLayerAndBothShapes() {
        Model model = new Model("bad", Shape.of(3, 8, 8), 10, Sequential.of(Conv2d.of(1, 4, 3)));
        assertThatThrownBy(model::inspect).hasMessageMatching(
                "0 \\(LayersTest\\.java:\\d+\\): Conv2d\\(1, 4, kernel=3x3\\): input \\[1, 3, 8, 8], expected \\[N, 1, H, W]");
    }

    @Test
    void aKernelLargerThanTheImageIsRefused() {
        Model model = new Model("bad", Shape.of(1, 4, 4), 10, Sequential.of(Conv2d.of(1, 4, 5)));
        assertThatThrownBy(model::inspect).isInstanceOf(QuernException.class)
                .hasMessageContaining("LayersTest.java:").hasMessageContaining("[1, 1, 4, 4]");
    }

    @Test
    void aModelMustGiveOneLogitAClass() {
        Model model = new Model("bad", Shape.of(64), 10, Sequential.of(Dense.of(64, 9)));
        assertThatThrownBy(model::inspect).hasMessage("model bad: output [1, 9], expected [N, 10]");
    }

    @Test
    void sizesAndNamesAreChecked() {
        assertThatThrownBy(() -> Dense.of(0, 3)).isInstanceOf(QuernException.class).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> Conv2d.of(3, 4, 3).groups(2)).hasMessageContaining("2 groups must divide");
        assertThatThrownBy(() -> new Sequential(List.of())).hasMessageContaining("at least one layer");
        assertThatThrownBy(() -> new Sequential(List.of(new Sequential.Member("a.b", Flatten.of()))))
                .hasMessageContaining("'a.b'");
        assertThatThrownBy(() -> new Sequential(List.of(new Sequential.Member("a", Flatten.of()),
                new Sequential.Member("a", Flatten.of())))).hasMessageContaining("used twice");
        assertThatThrownBy(() -> Loss.crossEntropy(1)).hasMessageContaining("label smoothing 1.0");
        assertThatThrownBy(() -> ModelGraph.evaluation(Classification.of(small()), 0)).hasMessageContaining("batch is 0");
    }

    @Test
    void initialValuesDependOnSeedAndPathAlone() {
        List<ParameterSpec> first = small().inspect().parameters();
        List<ParameterSpec> again = small().inspect().parameters();
        HostTensor weight = first.get(2).initial(1);
        assertThat(again.get(2).initial(1).memory().mismatch(weight.memory())).isEqualTo(-1);
        assertThat(again.get(2).initial(2).memory().mismatch(weight.memory())).isNotEqualTo(-1);
        for (float value : weight.toFloats()) {
            assertThat(value).isBetween(-0.125f, 0.125f);
        }
    }

    @Test
    void initialisersHaveTheirDeviations() {
        Dense dense = Dense.of(400, 300);
        assertThat(deviation(dense.init(Initializer.kaimingUniform(), Initializer.zeros()))).isBetween(0.069, 0.0725);
        assertThat(deviation(dense.init(Initializer.kaimingNormal(), Initializer.zeros()))).isBetween(0.069, 0.0725);
        assertThat(deviation(dense.init(Initializer.xavierUniform(), Initializer.zeros()))).isBetween(0.0525, 0.0545);
        assertThat(deviation(dense.init(Initializer.xavierNormal(), Initializer.zeros()))).isBetween(0.0525, 0.0545);
        assertThat(deviation(dense)).isBetween(0.0284, 0.0293);
        assertThat(deviation(dense.init(Initializer.constant(2), Initializer.zeros()))).isEqualTo(2);
    }

    private static double deviation(Dense dense) {
        Model model = new Model("one", Shape.of(400), 300, dense);
        double sum = 0;
        float[] weight = model.inspect().parameters().getFirst().initial(3).toFloats();
        for (float value : weight) {
            sum += value * value;
        }
        return Math.sqrt(sum / weight.length);
    }
}
