package dev.quern.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Fold;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.Rewrite;
import dev.quern.graph.op.Concat;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Pad;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.StopGradient;
import dev.quern.graph.op.Transpose;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the passes do to graphs, and that they leave every bit of every output as it was. */
class PipelineTest {
    private static Graph after(String pass, Graph graph) {
        return Pipeline.standard().after(graph, pass);
    }

    private static long count(Graph graph, Class<?> op) {
        return graph.nodes().stream().filter(node -> op.isInstance(node.op())).count();
    }

    /** The outputs by the references, on numbers that depend on names alone. */
    private static Map<String, HostTensor> outputs(Graph graph) {
        Map<String, HostTensor> leaves = new HashMap<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Input || node.op() instanceof Parameter) {
                Random random = new Random(node.name().hashCode());
                HostTensor tensor = HostTensor.zeros(DType.F32, node.output(0).shape());
                for (long i = 0; i < tensor.shape().elements(); i++) {
                    tensor.set(i, (float) random.nextGaussian());
                }
                leaves.put(node.name(), tensor);
            }
        }
        return new Interpreter(Families.load()).run(graph, leaves).outputs();
    }

    private static Graph sameBits(Function<GraphBuilder, Value> build) {
        return sameBits(new GraphBuilder("pass"), build);
    }

    /** The same of a graph of which nothing was folded before. */
    private static Graph unfoldedSameBits(Function<GraphBuilder, Value> build) {
        return sameBits(new GraphBuilder("pass", Set.of()), build);
    }

    private static Graph sameBits(GraphBuilder g, Function<GraphBuilder, Value> build) {
        g.output("y", build.apply(g));
        Graph graph = g.build();
        Graph rewritten = Pipeline.standard().run(graph, (_, _) -> { });
        assertThat(rewritten.outputs().get("y").type()).isEqualTo(graph.outputs().get("y").type());
        assertThat(outputs(rewritten).get("y").memory().mismatch(outputs(graph).get("y").memory())).isEqualTo(-1);
        return rewritten;
    }

    private static Value x(GraphBuilder g, int... extents) {
        return g.input("x", DType.F32, Shape.of(extents));
    }

    @Test
    void everyPassCanBeShown() {
        GraphBuilder g = new GraphBuilder("shown");
        g.output("y", g.relu(x(g, 3)));
        for (String pass : List.of("input", "remove-stops", "canonicalise", "fold-constants", "algebra", "merge-equal-nodes", "sink-transposes",
                "remove-dead", "keep-old-values")) {
            assertThat(after(pass, g.build()).outputs()).containsKey("y");
        }
        assertThatThrownBy(() -> after("layout", g.build())).isInstanceOf(QuernException.class).hasMessageContaining("sink-transposes");
    }

    @Test
    void transpositionsOnBothSidesOfElementwiseWorkCancel() {
        Graph graph = sameBits(g -> {
            Value turned = g.transpose(x(g, 3, 4, 5), 2, 0, 1);
            Value other = g.transpose(g.input("z", DType.F32, Shape.of(3, 4, 5)), 2, 0, 1);
            Value sum = g.add(g.mul(g.tanh(turned), g.constant(2)), other);
            return g.transpose(g.add(sum, g.input("bias", DType.F32, Shape.of(4))), 1, 2, 0);
        });
        assertThat(count(graph, Transpose.class)).isZero();
    }

    @Test
    void gradientsOfSlicesThatMakeUpATensorAreJoinedAndNotAdded() {
        Graph graph = unfoldedSameBits(g -> {
            Value x = x(g, 3, 12, 2);
            Value rest = g.slice(x, 1, 2, 12);
            Value product = g.mul(g.slice(x, 1, 0, 2), g.slice(g.input("z", DType.F32, Shape.of(3, 12, 2)), 1, 3, 5));
            Value sum = g.add(g.reduceSum(product, false, 0, 1, 2), g.add(g.reduceSum(g.tanh(g.slice(rest, 1, 0, 4)), false, 0, 1, 2),
                    g.reduceSum(g.square(g.slice(rest, 1, 4, 10)), false, 0, 1, 2)));
            return Gradients.of(g, sum, List.of(x)).getFirst();
        });
        assertThat(count(graph, Pad.class)).isZero();
        assertThat(graph.outputs().get("y").node().op()).isEqualTo(new Concat(1));
        assertThat(graph.outputs().get("y").node().inputs()).hasSize(3);
    }

    @Test
    void tensorsAmongZerosThatAreApartOrOverlapAreAdded() {
        Graph apart = unfoldedSameBits(g -> g.add(g.pad(x(g, 2, 3), List.of(0, 0), List.of(0, 7), 0),
                g.pad(g.input("z", DType.F32, Shape.of(2, 3)), List.of(0, 4), List.of(0, 3), 0)));
        assertThat(count(apart, Pad.class)).isEqualTo(2);
        Graph over = unfoldedSameBits(g -> g.add(g.pad(x(g, 2, 3), List.of(0, 0), List.of(0, 2), 0),
                g.pad(g.input("z", DType.F32, Shape.of(2, 3)), List.of(0, 2), List.of(0, 0), 0)));
        assertThat(count(over, Pad.class)).isEqualTo(2);
        Graph ones = unfoldedSameBits(g -> g.add(g.pad(x(g, 2, 3), List.of(0, 0), List.of(0, 3), 1),
                g.pad(g.input("z", DType.F32, Shape.of(2, 3)), List.of(0, 3), List.of(0, 0), 0)));
        assertThat(count(ones, Pad.class)).isEqualTo(2);
        // Not all of the sum: one tensor is placed where there were two.
        Graph part = unfoldedSameBits(g -> g.add(g.pad(x(g, 2, 3), List.of(0, 4), List.of(0, 0), 0),
                g.pad(g.input("z", DType.F32, Shape.of(2, 3)), List.of(0, 1), List.of(0, 3), 0)));
        assertThat(count(part, Pad.class)).isOne();
        assertThat(count(part, Concat.class)).isOne();
    }

    @Test
    void elementwiseWorkOnTensorsThatLieDifferentlyIsLeftAlone() {
        Graph graph = sameBits(g -> g.add(g.transpose(x(g, 3, 4), 1, 0), g.input("z", DType.F32, Shape.of(4, 3))));
        assertThat(count(graph, Transpose.class)).isOne();
    }

    @Test
    void matrixProductsTakeTransposedOperandsAsTheyLie() {
        Graph graph = sameBits(g -> g.matmul(g.relu(g.transpose(x(g, 2, 5, 3), 0, 2, 1)),
                g.transpose(g.input("z", DType.F32, Shape.of(2, 7, 5)), 0, 2, 1)));
        assertThat(count(graph, Transpose.class)).isZero();
        Graph leading = sameBits(g -> g.matmul(g.transpose(x(g, 5, 2, 3), 1, 2, 0), g.input("z", DType.F32, Shape.of(2, 5, 4))));
        assertThat(count(leading, Transpose.class)).isOne();
    }

    @Test
    void softmaxAndReductionsRunAlongAnotherAxis() {
        Graph softmax = sameBits(g -> g.transpose(g.softmax(g.transpose(x(g, 3, 4, 5), 2, 1, 0), 1), 2, 1, 0));
        assertThat(count(softmax, Transpose.class)).isZero();
        Graph sum = sameBits(g -> g.reduceSum(g.transpose(x(g, 3, 4), 1, 0), false, 0));
        assertThat(count(sum, Transpose.class)).isZero();
        Graph middle = sameBits(g -> g.reduceMax(g.transpose(x(g, 2, 3, 4), 2, 0, 1), true, 1));
        assertThat(count(middle, Transpose.class)).isOne();
        Graph several = sameBits(g -> g.reduceSum(g.transpose(x(g, 2, 3, 4), 2, 0, 1), false, 0, 1));
        assertThat(count(several, Transpose.class)).isOne();
    }

    @Test
    void movingAxesOfExtentOneMovesNothing() {
        Graph graph = sameBits(g -> g.tanh(g.transpose(x(g, 1, 3, 1, 4), 1, 0, 3, 2)));
        assertThat(count(graph, Transpose.class)).isZero();
    }

    @Test
    void equalNodesAreOneAndRandomOnesAreNot() {
        GraphBuilder g = new GraphBuilder("equal");
        Value x = x(g, 8);
        assertThat(g.tanh(x)).isEqualTo(g.tanh(x));
        assertThat(g.matmul(g.reshape(x, 2, 4), g.reshape(x, 4, 2))).isEqualTo(g.matmul(g.reshape(x, 2, 4), g.reshape(x, 4, 2)));
        assertThat(g.dropout(x, 0.5)).isNotEqualTo(g.dropout(x, 0.5));
    }

    @Test
    void constantsAreFoldedThroughWhateverMovesThem() {
        GraphBuilder g = new GraphBuilder("constants");
        Value two = g.constant(2, Shape.of(4, 6));
        Value moved = g.slice(g.transpose(g.reshape(two, 6, 4), 1, 0), 1, 0, 3);
        g.output("y", g.add(x(g, 4, 3), g.sqrt(g.mul(moved, moved))));
        assertThat(after("canonicalise", g.build()).nodes()).hasSize(2);
    }

    @Test
    void maximaOfReluAreReluOfMaximaGradientsIncluded() {
        sameBits(g -> {
            Value x = g.parameter("x", DType.F32, Shape.of(1, 2, 6, 6));
            Value y = g.reduceSum(g.maxPool2d(g.relu(x), dev.quern.graph.op.Pool2dAttributes.kernel(2)), false);
            return g.add(Gradients.of(g, y, List.of(x)).getFirst(), y);
        });
    }

    @Test
    void whatNothingNeedsGoesAndInputsStay() {
        GraphBuilder g = new GraphBuilder("dead");
        Value x = x(g, 4);
        g.input("unused", DType.F32, Shape.of(2));
        g.exp(x);
        g.output("y", g.relu(x));
        assertThat(after("remove-dead", g.build()).nodes()).extracting(Node::name).containsExactly("x", "unused", "relu");
    }

    // ---- each fold by itself, on graphs of which nothing was folded while they were built ----

    private static GraphBuilder unfolded() {
        return new GraphBuilder("unfolded", Set.of());
    }

    private static List<String> ops(GraphBuilder g, Value y, Fold fold) {
        g.output("y", y);
        return Rewrite.fold(g.build(), fold).nodes().stream().map(node -> node.op().toString()).toList();
    }

    @Test
    void movesAreFoldedAlone() {
        GraphBuilder g = unfolded();
        Value turned = g.transpose(g.transpose(x(g, 2, 3, 4), 1, 2, 0), 2, 0, 1);
        Value y = g.add(g.reshape(g.reshape(turned, 6, 4), 24), g.reshape(turned, 24));
        assertThat(ops(g, y, Fold.MOVES)).hasSize(4).filteredOn(op -> op.startsWith("Reshape")).hasSize(2);
    }

    @Test
    void constantsAreFoldedAlone() {
        GraphBuilder g = unfolded();
        Value six = g.mul(g.constant(2, Shape.of(4, 6)), g.constant(3, Shape.of(4, 6)));
        Value y = g.mul(g.add(x(g, 6, 4), g.constant(0)), g.transpose(six, 1, 0));
        // x + 0 is algebra, not a constant.
        assertThat(ops(g, y, Fold.CONSTANTS)).hasSize(3).anyMatch(op -> op.contains("value=0.0")).anyMatch(op -> op.contains("value=6.0"));
    }

    @Test
    void algebraIsDoneAlone() {
        GraphBuilder g = unfolded();
        Value x = x(g, 5);
        Value y = g.activation("twice", value -> Expressions.neg(Expressions.neg(value)), x);
        assertThat(ops(g, g.mul(y, y), Fold.ALGEBRA)).hasSize(2).anyMatch(op -> op.contains("arity=1"));
    }

    @Test
    void equalNodesAreMergedAlone() {
        GraphBuilder g = unfolded();
        Value x = x(g, 5);
        Value y = g.add(g.tanh(x), g.tanh(x));
        assertThat(g.nodes()).hasSize(4);
        assertThat(ops(g, g.add(y, g.add(g.dropout(x, 0.5), g.dropout(x, 0.5))), Fold.EQUAL_NODES))
                .filteredOn(op -> op.startsWith("Random")).hasSize(2);
    }

    @Test
    void stopsOfGradientsGoWhereGradientsAreThere() {
        GraphBuilder g = unfolded();
        g.output("y", g.tanh(g.stopGradient(x(g, 5))));
        assertThat(count(after("remove-stops", g.build()), StopGradient.class)).isZero();
    }
}
