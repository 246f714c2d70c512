package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A reduction over axes.
 *
 * @param kind     what is done
 * @param axes     the axes, counted from the front, in order
 * @param keepdims whether reduced axes stay as extents of 1
 */
public record Reduce(ReduceOp kind, List<Integer> axes, boolean keepdims) implements Op {
    public Reduce {
        axes = List.copyOf(axes);
    }

    /** A reduction over axes of a tensor of this rank; negative axes count from the end, none means all. */
    public static Reduce of(ReduceOp kind, int rank, boolean keepdims, int... axes) {
        TreeSet<Integer> sorted = new TreeSet<>();
        for (int axis : axes) {
            if (!sorted.add(Types.axis(axis, rank, "the input"))) {
                throw new IllegalOperandException("axis " + axis + " is reduced twice");
            }
        }
        if (axes.length == 0) {
            for (int axis = 0; axis < rank; axis++) {
                sorted.add(axis);
            }
        }
        return new Reduce(kind, new ArrayList<>(sorted), keepdims);
    }

    @Override
    public String label() {
        return "reduce_" + kind.label();
    }

    @Override
    public String attributes() {
        return "axes=" + axes + (keepdims ? ", keepdims" : "");
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "a reduction takes one");
        Types.f32("input", inputs.getFirst());
        Shape input = inputs.getFirst().shape();
        if (input.elements() == 0) {
            throw new IllegalOperandException("input " + input + ": every extent must be at least 1");
        }
        axes.forEach(axis -> Types.axis(axis, input.rank(), "input " + input));
        return List.of(TensorType.f32(reduced(input, keepdims)));
    }

    private Shape reduced(Shape input, boolean keep) {
        List<Integer> extents = new ArrayList<>();
        for (int axis = 0; axis < input.rank(); axis++) {
            if (!axes.contains(axis)) {
                extents.add(input.extent(axis));
            } else if (keep) {
                extents.add(1);
            }
        }
        return Shape.of(extents.stream().mapToInt(Integer::intValue).toArray());
    }

    /** How many elements of the input each output element sums up. */
    public long terms(Shape input) {
        return input.elements() / reduced(input, true).elements();
    }

    @Override
    public void vjp(Backward backward) {
        if (!backward.wants(0)) {
            return;
        }
        Emitter emit = backward.emit();
        Value x = backward.input(0);
        Shape kept = reduced(x.shape(), true);
        Value gradient = emit.reshape(backward.gradient(), kept);
        switch (kind) {
            case SUM -> backward.to(0, gradient);
            case MEAN -> backward.to(0, emit.mul(gradient, emit.constant(1.0 / terms(x.shape()))));
            case MAX, MIN -> {
                // As PyTorch's amax and amin: equal extremes share the gradient evenly.
                Value hit = emit.elementwise(ElementwiseFunction.EQUAL, x, emit.reshape(backward.output(0), kept));
                Value count = emit.emitOne(new Reduce(ReduceOp.SUM, axes, true), hit);
                backward.to(0, emit.mul(hit, emit.div(gradient, count)));
            }
            case SUM_SQUARES -> backward.to(0, emit.mul(emit.mul(gradient, emit.constant(2)), x));
            case NORM1 -> backward.to(0, emit.mul(gradient, emit.elementwise(ElementwiseFunction.SIGN, x)));
            case NORM2 -> {
                // As PyTorch's norm: nothing flows where the norm is zero.
                Value norm = emit.reshape(backward.output(0), kept);
                backward.to(0, emit.mul(x, emit.where(norm, emit.div(gradient, norm), emit.constant(0))));
            }
            case PROD -> throw new IllegalOperandException(label() + " has no gradient: it is not supported");
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.REDUCTION;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new Cost(inputs.getFirst().shape().elements(), Types.bytes(inputs) + Types.bytes(outputs));
    }
}
