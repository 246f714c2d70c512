package dev.quern.layers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;

/** What layers of sequences declare and refuse. */
class SequenceLayersTest {
    private final GraphBuilder graph = new GraphBuilder("test");
    private final LayerContext context = LayerContext.root(graph, true);

    private Value input(int... extents) {
        return graph.input("x", DType.F32, Shape.of(extents));
    }

    /** The formula of section 3.5 by hand: wavelength 10000^(2i/4) for pairs i of 4 features. */
    @Test
    void sinesAndCosinesTellPlaces() {
        context.build("pe", PositionalEncoding.sinusoidal(3, 4), input(2, 3, 4));
        ParameterSpec weight = context.parameters().getFirst();
        assertThat(weight.trained()).isFalse();
        HostTensor rows = weight.initial(1);
        double[] expected = {0, 1, 0, 1, Math.sin(1), Math.cos(1), Math.sin(0.01), Math.cos(0.01), Math.sin(2), Math.cos(2), Math.sin(0.02),
            Math.cos(0.02)};
        for (int i = 0; i < expected.length; i++) {
            assertThat(rows.get(i)).isEqualTo((float) expected[i]);
        }
    }

    @Test
    void aSequenceLongerThanTheModelAllowsIsRefused() {
        Value x = input(2, 9, 4);
        Layer layer = PositionalEncoding.learned(8, 4, Initializer.zeros());
        assertThatThrownBy(() -> context.build("positions", layer, x)).isInstanceOf(QuernException.class)
                .hasMessageContaining("positions").hasMessageContaining("a sequence of 9 positions is longer than the 8 that the model has");
    }

    @Test
    void aLayerOfEachPositionKeepsTheOthers() {
        Value y = context.build("fc", EachPosition.of(Dense.of(5, 7)), input(2, 3, 5));
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 7));
        assertThat(context.parameters()).extracting(ParameterSpec::path).containsExactly("fc.weight", "fc.bias");
    }

    @Test
    void layersBuiltAgainShareTheirParameters() {
        Value x = input(2, 5);
        context.build("fc", Dense.of(5, 5), x);
        assertThatThrownBy(() -> context.build("fc", Dense.of(5, 5), x)).hasMessageContaining("parameter fc.weight is declared twice");
        context.again().build("fc", Dense.of(5, 5), x);
        assertThat(context.parameters()).hasSize(2);
        assertThat(context.summaries()).hasSize(1);
        assertThatThrownBy(() -> context.again().build("fc", Dense.of(5, 6), x)).isInstanceOf(QuernException.class)
                .hasMessageContaining("fc.weight");
    }
}
