package dev.quern.graph.ir;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.expr.Simplifier;
import dev.quern.graph.op.Broadcast;
import dev.quern.graph.op.Broadcasting;
import dev.quern.graph.op.Cast;
import dev.quern.graph.op.Concat;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.MaxPool2d;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Reduce;
import dev.quern.graph.op.Reshape;
import dev.quern.graph.op.Slice;
import dev.quern.graph.op.Transpose;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The local folds: what a new node becomes before it is looked up among the existing ones. Each is exact (see
 * {@link Simplifier}).
 */
final class Canonical {
    /** What a node became. */
    sealed interface Form {
    }

    /** A value that exists already. */
    record Existing(NodeOutput value) implements Form {
    }

    /** An op on operands, in canonical form. */
    record Applied(Op op, List<NodeOutput> inputs) implements Form {
    }

    /** An op on operands, and another op on its first output. */
    record Followed(Op op, List<NodeOutput> inputs, Op then) implements Form {
    }

    private final boolean moves;
    private final boolean constants;
    private final boolean algebra;

    private Canonical(Set<Fold> folds) {
        this.moves = folds.contains(Fold.MOVES);
        this.constants = folds.contains(Fold.CONSTANTS);
        this.algebra = folds.contains(Fold.ALGEBRA);
    }

    static Form of(Op op, List<NodeOutput> inputs, Set<Fold> folds) {
        return new Canonical(folds).form(op, inputs);
    }

    private Form form(Op op, List<NodeOutput> inputs) {
        Form constant = constants && inputs.size() == 1 && inputs.getFirst().node().op() instanceof Constant source
                ? moved(source, op, inputs.getFirst()) : null;
        if (constant != null) {
            return constant;
        }
        Optional<Form> joined = algebra && op instanceof Pointwise pointwise ? PlacedSum.of(pointwise, inputs) : Optional.empty();
        if (joined.isPresent()) {
            return joined.get();
        }
        if (op instanceof Pointwise pointwise) {
            return constants || algebra ? pointwise(pointwise, inputs) : new Applied(op, inputs);
        }
        return moves ? move(op, inputs) : new Applied(op, inputs);
    }

    /** A constant that is moved; null if it is not. */
    private static Form moved(Constant constant, Op op, NodeOutput input) {
        return switch (op) {
            case Reshape _, Broadcast _, Slice _, Transpose _ ->
                    new Applied(new Constant(constant.value(), op.infer(List.of(input.type())).getFirst().shape()), List.of());
            default -> null;
        };
    }

    private Form move(Op op, List<NodeOutput> inputs) {
        return switch (op) {
            case Reshape reshape -> reshape(reshape, inputs.getFirst());
            case Broadcast broadcast -> broadcast(broadcast, inputs.getFirst());
            case Cast cast when cast.dtype() == inputs.getFirst().type().dtype() -> new Existing(inputs.getFirst());
            case Slice slice when slice.shape().equals(inputs.getFirst().shape())
                    && slice.steps().stream().allMatch(step -> step == 1) -> new Existing(inputs.getFirst());
            case Concat concat when inputs.size() == 1 -> new Existing(inputs.getFirst());
            case Concat concat -> new Applied(concat, parts(concat, inputs));
            case Transpose transpose -> transpose(transpose, inputs.getFirst());
            case MaxPool2d pool when isRelu(inputs.getFirst().node()) -> behindPooling(pool, inputs.getFirst().node());
            case Reduce reduce when reduce.axes().isEmpty() -> new Existing(inputs.getFirst());
            default -> new Applied(op, inputs);
        };
    }

    /** What is joined, with the parts of what was joined along the same axis before. */
    private static List<NodeOutput> parts(Concat concat, List<NodeOutput> inputs) {
        return inputs.stream().flatMap(input -> input.node().op().equals(concat) ? input.node().inputs().stream() : Stream.of(input)).toList();
    }

    /** Whether a node is a relu of F32, which is all that pooling takes. */
    private static boolean isRelu(Node node) {
        return node.op() instanceof Pointwise(int arity, Expr.Call(ElementwiseFunction function, List<Expr> arguments)) && arity == 1
                && function == ElementwiseFunction.RELU && arguments.getFirst() instanceof Expr.Input
                && node.input(0).type().dtype() == DType.F32;
    }

    /**
     * The largest of some relu's is the relu of the largest, NaN included, and the gradients are equal too: where the largest
     * is positive both take the same pixel, elsewhere both are 0. Behind the pooling there are fewer elements to clamp, and
     * the mask of the gradient is that much smaller.
     */
    private static Form behindPooling(MaxPool2d pool, Node relu) {
        return new Followed(pool, relu.inputs(), (Pointwise) relu.op());
    }

    private Form pointwise(Pointwise op, List<NodeOutput> inputs) {
        Shape shape = Broadcasting.common(inputs.stream().map(NodeOutput::shape).toList());
        // Constants become part of the expression, equal operands become one.
        List<NodeOutput> operands = new ArrayList<>();
        Expr[] replacements = new Expr[inputs.size()];
        for (int i = 0; i < replacements.length; i++) {
            NodeOutput input = inputs.get(i);
            if (constants && input.node().op() instanceof Constant constant) {
                replacements[i] = new Expr.Constant(constant.value());
            } else {
                int at = algebra ? operands.indexOf(input) : -1;
                if (at < 0) {
                    at = operands.size();
                    operands.add(input);
                }
                replacements[i] = new Expr.Input(at);
            }
        }
        Expr expression = Simplifier.substitute(op.expression(), index -> replacements[index], constants, algebra);
        if (expression instanceof Expr.Constant constant) {
            return new Applied(new Constant(constant.value(), shape), List.of());
        }
        // Operands that the expression no longer reads go, unless the shape would be lost with them.
        List<NodeOutput> read = new ArrayList<>();
        Map<Integer, Integer> places = new HashMap<>();
        for (int index : ExprForm.inputs(expression)) {
            places.put(index, read.size());
            read.add(operands.get(index));
        }
        Shape kept = Broadcasting.common(read.stream().map(NodeOutput::shape).toList());
        Expr renumbered = Simplifier.substitute(expression, index -> new Expr.Input(places.get(index)), constants, algebra);
        boolean identity = algebra && renumbered instanceof Expr.Input && read.getFirst().type().dtype() == DType.F32;
        if (identity) {
            return !moves && !kept.equals(shape) ? new Applied(new Broadcast(shape), read) : broadcast(new Broadcast(shape), read.getFirst());
        }
        if (!kept.equals(shape)) {
            return new Applied(op, inputs);
        }
        return new Applied(new Pointwise(read.size(), renumbered), read);
    }

    private static Form reshape(Reshape op, NodeOutput input) {
        if (input.shape().equals(op.shape())) {
            return new Existing(input);
        }
        return switch (input.node().op()) {
            case Reshape inner -> reshape(op, input.node().input(0));
            default -> new Applied(op, List.of(input));
        };
    }

    private static Form broadcast(Broadcast op, NodeOutput input) {
        if (input.shape().equals(op.shape())) {
            return new Existing(input);
        }
        return switch (input.node().op()) {
            case Broadcast inner -> broadcast(op, input.node().input(0));
            default -> new Applied(op, List.of(input));
        };
    }

    /** Whether a transposition only moves axes of extent 1: no element changes its place. */
    private static boolean keepsOrder(List<Integer> order, Shape shape) {
        int last = -1;
        for (int axis : order) {
            if (shape.extent(axis) != 1) {
                if (axis < last) {
                    return false;
                }
                last = axis;
            }
        }
        return true;
    }

    private static Form transpose(Transpose op, NodeOutput input) {
        List<Integer> order = op.permutation();
        boolean identity = true;
        for (int axis = 0; axis < order.size(); axis++) {
            identity &= order.get(axis) == axis;
        }
        if (identity) {
            return new Existing(input);
        }
        if (keepsOrder(order, input.shape())) {
            return reshape(new Reshape(op.infer(List.of(input.type())).getFirst().shape()), input);
        }
        return switch (input.node().op()) {
            case Transpose inner -> transpose(new Transpose(order.stream().map(inner.permutation()::get).toList()),
                    input.node().input(0));
            default -> new Applied(op, List.of(input));
        };
    }
}
