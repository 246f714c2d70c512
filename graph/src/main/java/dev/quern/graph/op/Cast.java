package dev.quern.graph.op;

import dev.quern.graph.expr.Simplifier;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * The input in another storage type. To F16 and BF16 it rounds to nearest even; to I32 and U8 it cuts off towards 0 and keeps
 * within the type's range, and NaN becomes 0; to BOOL it asks whether the input is not 0. All of it goes through F32, so I32
 * beyond 2^24 is rounded. Gradients pass unchanged where both types are floating.
 *
 * @param dtype F32, F16, BF16, I32, U8 or BOOL
 */
public record Cast(DType dtype) implements Op {
    @Override
    public String label() {
        return "cast";
    }

    @Override
    public String attributes() {
        return "dtype=" + dtype;
    }

    /** The value of an element, over input 0: storing it in the type is then exact. */
    public Expr expression() {
        Expr x = Expressions.input(0);
        Expr whole = Expressions.select(Expressions.isNan(x), Expressions.constant(0), Expressions.trunc(x));
        return switch (dtype) {
            case F32 -> x;
            case F16 -> Expressions.call(ElementwiseFunction.TO_F16, x);
            case BF16 -> Expressions.call(ElementwiseFunction.TO_BF16, x);
            case I32 -> Simplifier.simplify(Expressions.clip(whole, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case U8 -> Expressions.clip(whole, 0, 255);
            case BOOL -> Expressions.notEqual(x, Expressions.constant(0));
            case F64, I64 -> throw new IllegalOperandException("cast to " + dtype + ": kernels compute on no " + dtype);
        };
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "cast takes one");
        Types.readable("input", inputs.getFirst());
        expression();
        return List.of(new TensorType(dtype, inputs.getFirst().shape()));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0) && dtype.floating()) {
            backward.to(0, backward.gradient());
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.POINTWISE;
    }
}
