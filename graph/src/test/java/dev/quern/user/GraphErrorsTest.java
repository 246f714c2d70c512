package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user's mistakes say. This class stands outside the module's packages, as users do, so that lines are its own. */
class GraphErrorsTest {
    private final GraphBuilder g = new GraphBuilder("net");

    private Value parameter(String path, int... extents) {
        return g.parameter(path, DType.F32, Shape.of(extents));
    }

    @Test
    void wrongChannelsNameTheNodeTheLineTheShapesAndTheRule() {
        Value x = g.input("x", DType.F32, Shape.of(64, 6, 14, 14));
        Value filter = parameter("conv2.weight", 16, 8, 5, 5);
        assertThatThrownBy(() -> {
            try (GraphBuilder.Scope scope = g.scope("conv2")) {
                g.conv2d(x, filter, Conv2dAttributes.defaults());
            }
        }).isInstanceOf(GraphException.class).hasMessageMatching("conv2 \\(GraphErrorsTest\\.java:\\d+\\): "
                + "input \\[64, 6, 14, 14] and filter \\[16, 8, 5, 5]: 6 input channels, filter expects 8");
    }

    @Test
    void aTransposedConvolutionSaysWhatDoesNotFit() {
        Value x = g.input("x", DType.F32, Shape.of(2, 6, 5, 5));
        Value filter = parameter("up.weight", 6, 4, 3, 3);
        Conv2dAttributes attributes = Conv2dAttributes.defaults().stride(2);
        assertThatThrownBy(() -> g.convTranspose2d(x, parameter("w", 8, 4, 3, 3), attributes, 0, 0))
                .hasMessageMatching("conv_transpose2d \\(GraphErrorsTest\\.java:\\d+\\): input \\[2, 6, 5, 5] and filter "
                        + "\\[8, 4, 3, 3]: 6 input channels, filter expects 8");
        assertThatThrownBy(() -> g.convTranspose2d(x, filter, attributes, 2, 0)).hasMessageContaining("output padding")
                .hasMessageContaining("less than the stride");
        assertThatThrownBy(() -> g.convTranspose2d(x, filter, attributes.padding(7), 0, 0))
                .hasMessageContaining("padding takes away from it");
    }

    @Test
    void aOneDimensionalConvolutionTakesRankThree() {
        Value x = g.input("x", DType.F32, Shape.of(2, 6, 5, 5));
        assertThatThrownBy(() -> g.conv1d(x, parameter("w", 8, 6, 3), 1, 0, 1, 1))
                .hasMessageContaining("conv1d (GraphErrorsTest.java:").hasMessageContaining("an input [N, C, L]");
    }

    @Test
    void shapesThatDoNotBroadcastSayWhichAxis() {
        assertThatThrownBy(() -> g.add(parameter("a", 4, 3), parameter("b", 4, 2))).hasMessageContaining("axis -1 is 3 and 2");
    }

    @Test
    void aMatrixProductSaysWhichExtentsMustBeEqual() {
        assertThatThrownBy(() -> g.matmul(parameter("a", 4, 3), parameter("b", 4, 2)))
                .hasMessageContaining("a has 3 columns, b has 4 rows");
    }

    @Test
    void anAxisThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> g.softmax(parameter("a", 4, 3), 2)).hasMessageContaining("softmax (GraphErrorsTest.java:")
                .hasMessageContaining("input [4, 3] of rank 2 has no axis 2");
    }

    @Test
    void onlyAScalarHasAGradient() {
        Value w = parameter("w", 3);
        Value y = g.relu(w);
        assertThatThrownBy(() -> Gradients.of(g, y, List.of(w))).hasMessageContaining("relu (GraphErrorsTest.java:")
                .hasMessageContaining("only a scalar has a gradient");
    }

    @Test
    void aParameterThatTheLossDoesNotReachIsNamed() {
        Value w = parameter("w", 3);
        Value unused = parameter("unused", 3);
        Value loss = g.reduceSum(w, false);
        assertThatThrownBy(() -> Gradients.of(g, loss, List.of(w, unused)))
                .hasMessageContaining("unused (GraphErrorsTest.java:").hasMessageContaining("does not depend on it");
    }

    @Test
    void aValueOfAnotherBuilderIsRefused() {
        Value other = new GraphBuilder("other").input("x", DType.F32, Shape.of(2));
        assertThatThrownBy(() -> g.relu(other)).hasMessageContaining("belongs to another graph than net");
    }

    @Test
    void aNameIsOneTensorOnly() {
        g.input("x", DType.F32, Shape.of(2));
        assertThatThrownBy(() -> g.input("x", DType.F32, Shape.of(3))).hasMessageContaining("F32[2] already");
    }

    @Test
    void aTensorIsAssignedOnceAStepAndOnlyByItsOwnType() {
        Value w = parameter("w", 3);
        g.assign(w, g.relu(w));
        assertThatThrownBy(() -> g.assign(w, g.neg(w))).hasMessageContaining("assigned twice");
        assertThatThrownBy(() -> g.assign(parameter("v", 2), g.neg(w))).hasMessageContaining("v is F32[2]");
    }

    @Test
    void weightsThatDoNotFitARecurrentCellSayHowManyGatesItHas() {
        Value x = g.input("x", DType.F32, Shape.of(5, 3, 7));
        assertThatThrownBy(() -> recurrent(RecurrentCell.LSTM, x, parameter("ih", 12, 7), parameter("hh", 12, 4)))
                .hasMessageMatching("(?s)lstm \\(GraphErrorsTest\\.java:\\d+\\): weight_ih \\[12, 7] and weight_hh "
                        + "\\[12, 4]: the 4 gates of lstm with hidden size 4 need 16 rows in weight_ih and in weight_hh.*");
        assertThatThrownBy(() -> recurrent(RecurrentCell.GRU, x, parameter("ih6", 12, 6), parameter("hh4", 12, 4)))
                .hasMessageContaining("input [5, 3, 7] and weight_ih [12, 6]: weight_ih must be [3 * hidden size, 7]");
        assertThatThrownBy(() -> g.recurrent(RecurrentNetwork.of(RecurrentCell.RNN, List.of()), x))
                .hasMessageContaining("0 sets of weights for layers of 1 directions");
        assertThatThrownBy(() -> g.recurrent(RecurrentNetwork.of(RecurrentCell.RNN,
                List.of(RecurrentWeights.of(parameter("ih4", 4, 7), parameter("hh44", 4, 4)))).initial(parameter("h0", 2, 3, 4)), x))
                .hasMessageContaining("h0 [2, 3, 4]: must be [1, N, hidden size]");
    }

    private Value recurrent(RecurrentCell cell, Value x, Value weightIh, Value weightHh) {
        return g.recurrent(RecurrentNetwork.of(cell, List.of(RecurrentWeights.of(weightIh, weightHh))), x).y();
    }

    @Test
    void aGraphThatAsksForNothingIsRefused() {
        assertThatThrownBy(g::build).hasMessageContaining("has no output and assigns nothing");
    }
}
