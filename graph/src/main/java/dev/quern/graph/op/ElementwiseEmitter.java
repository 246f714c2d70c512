package dev.quern.graph.op;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.DType;
import java.util.function.UnaryOperator;

/** Arithmetic element by element, with broadcasting. */
public interface ElementwiseEmitter extends NodeEmitter {
    default Value add(Value a, Value b) {
        return elementwise(ElementwiseFunction.ADD, a, b);
    }

    default Value sub(Value a, Value b) {
        return elementwise(ElementwiseFunction.SUB, a, b);
    }

    default Value mul(Value a, Value b) {
        return elementwise(ElementwiseFunction.MUL, a, b);
    }

    default Value div(Value a, Value b) {
        return elementwise(ElementwiseFunction.DIV, a, b);
    }

    default Value maximum(Value a, Value b) {
        return elementwise(ElementwiseFunction.MAXIMUM, a, b);
    }

    default Value minimum(Value a, Value b) {
        return elementwise(ElementwiseFunction.MINIMUM, a, b);
    }

    default Value pow(Value a, double exponent) {
        return apply("pow", Expressions.pow(Expressions.input(0), Expressions.constant(exponent)), a);
    }

    default Value neg(Value a) {
        return elementwise(ElementwiseFunction.NEG, a);
    }

    default Value abs(Value a) {
        return elementwise(ElementwiseFunction.ABS, a);
    }

    default Value square(Value a) {
        return elementwise(ElementwiseFunction.SQUARE, a);
    }

    default Value sqrt(Value a) {
        return elementwise(ElementwiseFunction.SQRT, a);
    }

    default Value rsqrt(Value a) {
        return elementwise(ElementwiseFunction.RSQRT, a);
    }

    default Value reciprocal(Value a) {
        return elementwise(ElementwiseFunction.RECIPROCAL, a);
    }

    default Value exp(Value a) {
        return elementwise(ElementwiseFunction.EXP, a);
    }

    default Value log(Value a) {
        return elementwise(ElementwiseFunction.LOG, a);
    }

    default Value tanh(Value a) {
        return elementwise(ElementwiseFunction.TANH, a);
    }

    default Value sigmoid(Value a) {
        return elementwise(ElementwiseFunction.SIGMOID, a);
    }

    default Value relu(Value a) {
        return elementwise(ElementwiseFunction.RELU, a);
    }

    /** {@code chosen} where {@code condition} is not 0, else {@code other}. */
    default Value where(Value condition, Value chosen, Value other) {
        return elementwise(ElementwiseFunction.SELECT, condition, chosen, other);
    }

    /** One of the composite activations of {@link Expressions}: {@code activation("gelu", Expressions::gelu, x)}. */
    default Value activation(String label, UnaryOperator<Expr> function, Value x) {
        return apply(label, function.apply(Expressions.input(0)), x);
    }

    /** x in another storage type; see {@link Cast}. */
    default Value cast(Value x, DType dtype) {
        return emitOne(new Cast(dtype), x);
    }

    /** x kept within [min, max]. */
    default Value clamp(Value x, double min, double max) {
        return apply("clamp", Expressions.clip(Expressions.input(0), min, max), x);
    }
}
