package dev.quern.kernels.expr;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_short;

import dev.quern.runtime.BFloat16;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.function.IntConsumer;

/**
 * Elementwise functions as JVM instructions. No product and sum are ever contracted to one operation, as in kernel text.
 *
 * <p>C2 turns no branch into vector code, so comparisons are spelled without one: {@code a > b} is the sign of a - b, cut off at 0
 * as an integer, to which a NaN becomes 0. Differences of unequal floats are never 0, since the JVM keeps denormal numbers.
 */
final class JvmFunctions {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final ClassDesc FLOAT = ClassDesc.of("java.lang.Float");
    private static final ClassDesc BF16 = BFloat16.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc FLOAT_TO_FLOAT = MethodTypeDesc.of(CD_float, CD_float);
    private static final MethodTypeDesc FLOATS_TO_FLOAT = MethodTypeDesc.of(CD_float, CD_float, CD_float);
    private static final MethodTypeDesc DOUBLE_TO_DOUBLE = MethodTypeDesc.of(CD_double, CD_double);
    private static final MethodTypeDesc DOUBLES_TO_DOUBLE = MethodTypeDesc.of(CD_double, CD_double, CD_double);

    private JvmFunctions() {
    }

    /** Whether the JIT turns a loop of it into vector code. */
    static boolean isVectorised(ElementwiseFunction function) {
        return operations(function) > 0;
    }

    /** How many operations it is in a vectorised loop; 0 if it keeps a loop from being vectorised. */
    static int operations(ElementwiseFunction function) {
        return switch (function) {
            case ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, NEG, ABS, SIGN, RECIPROCAL, SQUARE, SQRT, RELU -> 1;
            case TO_F16 -> 2;
            case FLOOR, CEIL, ROUND -> 3;
            case RSQRT -> 4;
            case GREATER, LESS, TRUNC -> 5;
            case EQUAL, GREATER_EQUAL, LESS_EQUAL -> 11;
            case NOT_EQUAL -> 12;
            case POW, FMOD, ATAN2, EXP, LOG, EXPM1, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TO_BF16, SELECT -> 0;
            case TANH, ERF, SIGMOID, SOFTPLUS, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR -> throw composite(function);
        };
    }

    private static IllegalArgumentException composite(ElementwiseFunction function) {
        return new IllegalArgumentException(function + " is written in terms of others first");
    }

    /**
     * Appends the instructions that leave a function's value on the stack.
     *
     * @param push pushes an argument by its position; may be called more than once for each
     */
    static void emit(CodeBuilder code, ElementwiseFunction function, IntConsumer push) {
        switch (function) {
            case ADD -> two(code, push).fadd();
            case SUB -> two(code, push).fsub();
            case MUL -> two(code, push).fmul();
            case DIV -> two(code, push).fdiv();
            case FMOD -> two(code, push).frem();
            case MAXIMUM -> two(code, push).invokestatic(MATH, "max", FLOATS_TO_FLOAT);
            case MINIMUM -> two(code, push).invokestatic(MATH, "min", FLOATS_TO_FLOAT);
            case NEG -> one(code, push).fneg();
            case ABS -> one(code, push).invokestatic(MATH, "abs", FLOAT_TO_FLOAT);
            case SIGN -> one(code, push).invokestatic(MATH, "signum", FLOAT_TO_FLOAT);
            case RECIPROCAL -> {
                code.fconst_1();
                one(code, push).fdiv();
            }
            case SQUARE -> {
                push.accept(0);
                push.accept(0);
                code.fmul();
            }
            case RELU -> one(code, push).fconst_0().invokestatic(MATH, "max", FLOATS_TO_FLOAT);
            case SQRT -> unary(code, push, "sqrt");
            case RSQRT -> {
                code.dconst_1();
                one(code, push).f2d().invokestatic(MATH, "sqrt", DOUBLE_TO_DOUBLE).ddiv().d2f();
            }
            case FLOOR -> unary(code, push, "floor");
            case CEIL -> unary(code, push, "ceil");
            case ROUND -> unary(code, push, "rint");
            case TRUNC -> {
                one(code, push).invokestatic(MATH, "signum", FLOAT_TO_FLOAT);
                one(code, push).invokestatic(MATH, "abs", FLOAT_TO_FLOAT).f2d().invokestatic(MATH, "floor", DOUBLE_TO_DOUBLE).d2f();
                code.fmul();
            }
            case TO_F16 -> one(code, push).invokestatic(FLOAT, "floatToFloat16", MethodTypeDesc.of(CD_short, CD_float))
                    .invokestatic(FLOAT, "float16ToFloat", MethodTypeDesc.of(CD_float, CD_short));
            case TO_BF16 -> one(code, push).invokestatic(BF16, "ofFloat", MethodTypeDesc.of(CD_short, CD_float))
                    .invokestatic(BF16, "toFloat", MethodTypeDesc.of(CD_float, CD_short));
            case GREATER -> larger(code, push, 0, 1).i2f();
            case LESS -> larger(code, push, 1, 0).i2f();
            case GREATER_EQUAL -> {
                ordered(code, push);
                larger(code, push, 1, 0).isub().i2f();
            }
            case LESS_EQUAL -> {
                ordered(code, push);
                larger(code, push, 0, 1).isub().i2f();
            }
            case EQUAL -> equal(code, push).i2f();
            case NOT_EQUAL -> {
                code.iconst_1();
                equal(code, push).isub().i2f();
            }
            case EXP, LOG, EXPM1, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH -> unary(code, push, function.label());
            case POW, ATAN2 -> {
                one(code, push).f2d();
                push.accept(1);
                code.f2d().invokestatic(MATH, function.label(), DOUBLES_TO_DOUBLE).d2f();
            }
            case SELECT -> {
                one(code, push).fconst_0().fcmpl();
                code.ifThenElse(chosen -> push.accept(1), other -> push.accept(2));
            }
            case TANH, ERF, SIGMOID, SOFTPLUS, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR -> throw composite(function);
        }
    }

    private static CodeBuilder one(CodeBuilder code, IntConsumer push) {
        push.accept(0);
        return code;
    }

    private static CodeBuilder two(CodeBuilder code, IntConsumer push) {
        push.accept(0);
        push.accept(1);
        return code;
    }

    /** In double precision and rounded: for the functions that are exact or single operations there, the float's own result. */
    private static void unary(CodeBuilder code, IntConsumer push, String name) {
        one(code, push).f2d().invokestatic(MATH, name, DOUBLE_TO_DOUBLE).d2f();
    }

    /** The integer 1 if argument {@code a} is larger than {@code b}, else 0. */
    private static CodeBuilder larger(CodeBuilder code, IntConsumer push, int a, int b) {
        push.accept(a);
        push.accept(b);
        return code.fsub().invokestatic(MATH, "signum", FLOAT_TO_FLOAT).f2i().iconst_0()
                .invokestatic(MATH, "max", MethodTypeDesc.of(CD_int, CD_int, CD_int));
    }

    /** The integer 1 if neither argument is NaN, else 0: the sign of |a| + |b| + 1. */
    private static CodeBuilder ordered(CodeBuilder code, IntConsumer push) {
        one(code, push).invokestatic(MATH, "abs", FLOAT_TO_FLOAT);
        push.accept(1);
        return code.invokestatic(MATH, "abs", FLOAT_TO_FLOAT).fadd().fconst_1().fadd().invokestatic(MATH, "signum", FLOAT_TO_FLOAT)
                .f2i();
    }

    /** The integer 1 if the arguments are equal. The difference of equal infinities is NaN, and so counts as 0 too. */
    private static CodeBuilder equal(CodeBuilder code, IntConsumer push) {
        ordered(code, push);
        return two(code, push).fsub().invokestatic(MATH, "signum", FLOAT_TO_FLOAT).invokestatic(MATH, "abs", FLOAT_TO_FLOAT).f2i()
                .isub();
    }
}
