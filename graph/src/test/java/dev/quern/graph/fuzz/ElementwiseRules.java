package dev.quern.graph.fuzz;

import static dev.quern.kernels.expr.ElementwiseFunction.*;

import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Every elementwise function, casts, random numbers and an operation of the user's own. Arguments are kept within functions' domains. */
final class ElementwiseRules {
    private static final List<ElementwiseFunction> ANYWHERE = List.of(NEG, ABS, SIGN, SIN, COS, ATAN, TANH, ERF, SIGMOID, RELU, SOFTPLUS,
            FLOOR, CEIL, ROUND, TRUNC);
    private static final List<ElementwiseFunction> OF_SMALL = List.of(SQUARE, EXP, EXPM1, TAN, SINH, COSH);
    private static final List<ElementwiseFunction> OF_POSITIVE = List.of(RECIPROCAL, SQRT, RSQRT, LOG, LOG1P);
    private static final List<ElementwiseFunction> OF_TWO = List.of(ADD, SUB, MUL, MAXIMUM, MINIMUM, DIV, POW, FMOD, ATAN2, GREATER,
            GREATER_EQUAL, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR);
    private static final List<UnaryOperator<Expr>> COMPOSITES = List.of(x -> Expressions.leakyRelu(x, 0.1), x -> Expressions.elu(x, 1),
            x -> Expressions.celu(x, 1.5), Expressions::selu, Expressions::silu, Expressions::mish, Expressions::logSigmoid, Expressions::relu6,
            x -> Expressions.hardshrink(x, 0.3), x -> Expressions.softshrink(x, 0.3), Expressions::gelu, Expressions::geluTanh,
            Expressions::softsign, x -> Expressions.clip(x, -0.4, 0.6), Expressions::hardsigmoid, Expressions::hardswish);
    private static final CustomOp CUBE = CustomOp.named("cube", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> {
        for (long i = 0; i < inputs.getFirst().shape().elements(); i++) {
            outputs.getFirst().set(i, Math.pow(inputs.getFirst().get(i), 3));
        }
    }).kernel(Dialect.PORTABLE, "cube", """
            Q_KERNEL void cube(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int n) {
                const int i = (int) Q_GLOBAL_ID(0);
                if (i < n) {
                    y[i] = x[i] * x[i] * x[i];
                }
            }""", (inputs, outputs) -> CustomOp.overElements(outputs.getFirst())
    ).gradient(backward -> {
        Emitter emit = backward.emit();
        backward.to(0, emit.mul(backward.gradient(), emit.mul(emit.constant(3), emit.square(backward.input(0)))));
    });

    static final List<Rule> ALL = List.of(
            Rule.ofRank(0, (from, want) -> two(from, want, from.choose().oneOf(ADD, MUL, SUB))),
            Rule.ofRank(0, (from, want) -> two(from, want, from.choose().oneOf(OF_TWO))),
            Rule.ofRank(0, (from, want) -> one(from, from.choose().oneOf(ANYWHERE), from.grow(want))),
            Rule.ofRank(0, (from, want) -> one(from, from.choose().oneOf(OF_SMALL), from.g().tanh(from.grow(want)))),
            Rule.ofRank(0, (from, want) -> one(from, from.choose().oneOf(OF_POSITIVE), positive(from, want))),
            Rule.ofRank(0, (from, want) -> one(from, from.choose().oneOf(ASIN, ACOS),
                    from.g().mul(from.g().tanh(from.grow(want)), from.g().constant(0.8)))),
            Rule.ofRank(0, (from, want) -> from.g().activation("composite", from.choose().oneOf(COMPOSITES), from.grow(want))),
            Rule.ofRank(0, (from, want) -> from.g().where(condition(from, want), from.grow(want), from.narrower(want))),
            Rule.ofRank(0, (from, want) -> scaled(from, want)),
            Rule.ofRank(0, (from, want) -> from.g().dropout(from.grow(want), from.choose().oneOf(0.25, 0.5))),
            Rule.ofRank(0, (from, want) -> from.g().custom(CUBE, from.g().tanh(from.grow(want)))),
            Rule.ofRank(0, (from, want) -> joined(from, want)),
            Rule.ofRank(0, (from, want) -> stored(from, from.grow(want))).withoutDerivative(),
            Rule.ofRank(0, (from, want) -> one(from, from.choose().oneOf(TO_F16, TO_BF16), from.grow(want))).withoutDerivative(),
            Rule.ofRank(0, (from, want) -> from.g().stopGradient(from.grow(want))).withoutDerivative());

    private ElementwiseRules() {
    }

    private static Value one(GraphGrower from, ElementwiseFunction function, Value x) {
        return from.g().elementwise(function, x);
    }

    private static Value positive(GraphGrower from, Shape want) {
        return from.g().add(from.g().sigmoid(from.grow(want)), from.g().constant(0.25));
    }

    private static Value two(GraphGrower from, Shape want, ElementwiseFunction function) {
        BinaryOperator<Value> apply = (a, b) -> from.g().elementwise(function, a, b);
        boolean swapped = from.choose().yes();
        Value a = from.grow(want);
        Value b = switch (function) {
            case MUL -> from.g().tanh(from.narrower(want));
            case DIV, FMOD, ATAN2 -> {
                Shape narrow = from.narrow(want);
                yield positive(from, narrow);
            }
            default -> from.narrower(want);
        };
        return switch (function) {
            case POW -> apply.apply(from.g().add(from.g().sigmoid(a), from.g().constant(0.25)), from.g().tanh(b));
            case DIV, FMOD, ATAN2 -> apply.apply(a, b);
            default -> swapped ? apply.apply(b, a) : apply.apply(a, b);
        };
    }

    private static Value condition(GraphGrower from, Shape want) {
        Shape shape = from.narrow(want);
        return switch (from.choose().between(0, 2)) {
            case 0 -> from.g().elementwise(GREATER, from.grow(shape), from.g().constant(0.1));
            case 1 -> from.g().bernoulli(0.5, shape);
            default -> from.g().cast(from.grow(shape), DType.BOOL);
        };
    }

    private static Value scaled(GraphGrower from, Shape want) {
        Value scale = from.g().constant(from.choose().oneOf(0.5, 1.0, -1.0, 0.0, 2.0));
        return from.choose().yes() ? from.g().mul(from.grow(want), scale) : from.g().add(scale, from.grow(want));
    }

    /** The same subexpression on both ways to a result. */
    private static Value joined(GraphGrower from, Shape want) {
        Value x = from.grow(want);
        Value y = from.choose().yes() ? from.g().tanh(x) : from.g().relu(x);
        return from.choose().yes() ? from.g().add(x, y) : from.g().mul(y, from.g().sub(x, y));
    }

    /** There and back through another storage type. */
    private static Value stored(GraphGrower from, Value x) {
        DType dtype = from.choose().oneOf(DType.F16, DType.BF16, DType.I32, DType.U8, DType.BOOL);
        Value other = from.g().cast(x, dtype);
        if (from.choose().oneIn(6)) {
            from.ask(other);
        }
        return dtype.floating() && from.choose().yes() ? from.g().relu(other) : from.g().cast(other, DType.F32);
    }
}
