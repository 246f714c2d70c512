package dev.quern.graph.ir;

import dev.quern.graph.op.Concat;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Pad;
import dev.quern.graph.op.Pointwise;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sum of two tensors that lie side by side among zeros is both joined: what the gradients of neighbouring slices add up to (those
 * of queries, keys and values that one product gave, of a recurrent cell's gates). Each element is added to a zero, which leaves
 * its bits as they are but for the sign of a zero.
 */
final class PlacedSum {
    private PlacedSum() {
    }

    /** What a pointwise op becomes if it is such a sum. */
    static Optional<Canonical.Form> of(Pointwise op, List<NodeOutput> inputs) {
        boolean sum = op.expression() instanceof Expr.Call(ElementwiseFunction function, List<Expr> arguments)
                && function == ElementwiseFunction.ADD && arguments.equals(List.of(new Expr.Input(0), new Expr.Input(1)));
        if (!sum || !isPlaced(inputs.get(0)) || !isPlaced(inputs.get(1)) || !inputs.get(0).shape().equals(inputs.get(1).shape())) {
            return Optional.empty();
        }
        for (int axis = 0; axis < inputs.getFirst().shape().rank(); axis++) {
            if (isBefore(inputs.get(0), inputs.get(1), axis)) {
                return Optional.of(joined(inputs.get(0).node(), inputs.get(1).node(), axis));
            }
            if (isBefore(inputs.get(1), inputs.get(0), axis)) {
                return Optional.of(joined(inputs.get(1).node(), inputs.get(0).node(), axis));
            }
        }
        return Optional.empty();
    }

    /** Whether a value is a tensor among zeros, its elements next to each other. */
    private static boolean isPlaced(NodeOutput value) {
        return value.node().op() instanceof Pad pad && pad.value() == 0 && value.type().dtype() == DType.F32
                && pad.steps().stream().allMatch(step -> step == 1);
    }

    /** Whether one tensor ends along an axis where the other begins, and they lie alike along all others. */
    private static boolean isBefore(NodeOutput one, NodeOutput other, int axis) {
        List<Integer> first = ((Pad) one.node().op()).starts();
        List<Integer> second = ((Pad) other.node().op()).starts();
        Shape left = one.node().input(0).shape();
        Shape right = other.node().input(0).shape();
        for (int a = 0; a < left.rank(); a++) {
            boolean fits = a == axis ? first.get(a) + left.extent(a) == second.get(a)
                    : first.get(a).equals(second.get(a)) && left.extent(a) == right.extent(a);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static Canonical.Form joined(Node first, Node second, int axis) {
        Pad pad = (Pad) first.op();
        List<NodeOutput> parts = new ArrayList<>(parts(first, axis));
        parts.addAll(parts(second, axis));
        Op concat = new Concat(axis);
        boolean whole = concat.infer(parts.stream().map(NodeOutput::type).toList()).getFirst().shape().equals(pad.shape());
        return whole ? new Canonical.Applied(concat, parts)
                : new Canonical.Followed(concat, parts, new Pad(pad.starts(), pad.steps(), pad.shape(), 0));
    }

    /** What was placed, in the parts that it was joined of along this axis before. */
    private static List<NodeOutput> parts(Node placed, int axis) {
        Node source = placed.input(0).node();
        return source.op().equals(new Concat(axis)) ? source.inputs() : placed.inputs();
    }
}
