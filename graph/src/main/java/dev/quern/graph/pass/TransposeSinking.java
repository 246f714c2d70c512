package dev.quern.graph.pass;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.ir.Rewrite;
import dev.quern.graph.op.Cast;
import dev.quern.graph.op.MatMul;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Reduce;
import dev.quern.graph.op.Reshape;
import dev.quern.graph.op.Softmax;
import dev.quern.graph.op.Transpose;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Moves transpositions towards the outputs, where they cancel or disappear into a reader that takes a transposed operand:
 *
 * <ul>
 * <li>past elementwise work and casts, if every operand is transposed alike or can be had untransposed for nothing (a scalar, or
 * a tensor that repeats along all axes but one),
 * <li>past softmax and reductions along one axis, which then run along another axis of the untransposed tensor,
 * <li>into a matrix product that takes its operand the other way round.
 * </ul>
 *
 * <p>Each of these computes the same elements from the same terms in the same order, so references agree bit by bit; a kernel may
 * round sums otherwise where it walks a tensor otherwise. Reductions along several axes are left alone, because their terms would
 * change places. A transposition that stays costs no more than before: pointwise kernels read through it.
 */
final class TransposeSinking {
    private TransposeSinking() {
    }

    static Graph run(Graph graph) {
        return Rewrite.reemit(graph, TransposeSinking::rewrite);
    }

    private static List<NodeOutput> rewrite(Node node, List<NodeOutput> inputs, Rewrite.Emission emit) {
        return switch (node.op()) {
            case Pointwise op -> pastPointwise(inputs, emit);
            case Cast op when order(inputs.getFirst()).isPresent() -> List.of(emit.beside(new Transpose(order(inputs.getFirst()).get()),
                    emit.instead(op, List.of(source(inputs.getFirst()))).getFirst()));
            case Softmax op when order(inputs.getFirst()).isPresent() -> {
                List<Integer> order = order(inputs.getFirst()).get();
                NodeOutput y = emit.instead(new Softmax(order.get(op.axis()), op.log()), List.of(source(inputs.getFirst()))).getFirst();
                yield List.of(emit.beside(new Transpose(order), y));
            }
            case Reduce op when op.axes().size() == 1 && order(inputs.getFirst()).isPresent() -> pastReduce(op, inputs.getFirst(), emit);
            case MatMul op -> {
                boolean a = isMatrixTransposed(inputs.get(0));
                boolean b = isMatrixTransposed(inputs.get(1));
                yield emit.instead(new MatMul(op.transposeA() ^ a, op.transposeB() ^ b),
                        List.of(a ? source(inputs.get(0)) : inputs.get(0), b ? source(inputs.get(1)) : inputs.get(1)));
            }
            default -> emit.same(inputs);
        };
    }

    /** How a value is transposed; empty if it is not. */
    private static Optional<List<Integer>> order(NodeOutput value) {
        return value.node().op() instanceof Transpose transpose ? Optional.of(transpose.permutation()) : Optional.empty();
    }

    private static NodeOutput source(NodeOutput transposed) {
        return transposed.node().input(0);
    }

    private static List<NodeOutput> pastPointwise(List<NodeOutput> inputs, Rewrite.Emission emit) {
        Optional<List<Integer>> order = inputs.stream().map(TransposeSinking::order).flatMap(Optional::stream).findFirst();
        if (order.isEmpty()) {
            return emit.same(inputs);
        }
        int rank = order.get().size();
        boolean possible = inputs.stream().allMatch(input -> order(input).isPresent() ? order(input).equals(order)
                : input.shape().rank() <= rank && longAxes(input.shape()) <= 1);
        if (!possible) {
            return emit.same(inputs);
        }
        List<NodeOutput> sources = new ArrayList<>();
        for (NodeOutput input : inputs) {
            sources.add(order(input).isPresent() ? source(input)
                    : input.shape().elements() == 1 ? input : along(input, order.get(), emit));
        }
        NodeOutput y = emit.same(sources).getFirst();
        return List.of(emit.beside(new Transpose(order.get()), y));
    }

    private static int longAxes(Shape shape) {
        int count = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            count += shape.extent(axis) == 1 ? 0 : 1;
        }
        return count;
    }

    /** A tensor of one long axis as the untransposed operands broadcast with it. */
    private static NodeOutput along(NodeOutput input, List<Integer> order, Rewrite.Emission emit) {
        Shape shape = input.shape();
        int[] extents = new int[order.size()];
        java.util.Arrays.fill(extents, 1);
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.extent(axis) != 1) {
                extents[order.get(axis + order.size() - shape.rank())] = shape.extent(axis);
            }
        }
        return emit.beside(new Reshape(Shape.of(extents)), input);
    }

    private static List<NodeOutput> pastReduce(Reduce op, NodeOutput input, Rewrite.Emission emit) {
        List<Integer> order = order(input).get();
        int axis = op.axes().getFirst();
        int from = order.get(axis);
        NodeOutput y = emit.instead(new Reduce(op.kind(), List.of(from), op.keepdims()), List.of(source(input))).getFirst();
        List<Integer> left = new ArrayList<>(order);
        if (!op.keepdims()) {
            left.remove(axis);
            left.replaceAll(each -> each > from ? each - 1 : each);
        }
        return List.of(emit.beside(new Transpose(left), y));
    }

    /** Whether a value is the transposition of the last two axes and of nothing else. */
    private static boolean isMatrixTransposed(NodeOutput value) {
        if (order(value).isEmpty()) {
            return false;
        }
        List<Integer> matrix = new ArrayList<>(order(value).get());
        int rank = matrix.size();
        if (rank < 2) {
            return false;
        }
        Collections.swap(matrix, rank - 1, rank - 2);
        for (int axis = 0; axis < rank; axis++) {
            if (matrix.get(axis) != axis) {
                return false;
            }
        }
        return true;
    }
}
