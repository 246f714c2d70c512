package dev.quern.kernels.expr;

/** Applies elementwise functions to blocks of floats: a plain loop for each function that the JIT can vectorise. */
final class BlockFunctions {
    private BlockFunctions() {
    }

    /** y[i] = function(a[i], b[i], c[i]) for the first n elements; arguments past the arity are ignored. */
    static void apply(ElementwiseFunction function, float[] y, float[] a, float[] b, float[] c, int n) {
        switch (function) {
            case ADD -> add(y, a, b, n);
            case SUB -> sub(y, a, b, n);
            case MUL -> mul(y, a, b, n);
            case DIV -> div(y, a, b, n);
            case NEG -> neg(y, a, n);
            case SQUARE -> mul(y, a, a, n);
            case SQRT -> sqrt(y, a, n);
            case RECIPROCAL -> reciprocal(y, a, n);
            case RELU -> relu(y, a, n);
            case GREATER -> greater(y, a, b, n);
            case LESS -> greater(y, b, a, n);
            case SELECT -> select(y, a, b, c, n);
            // The rest go through their meaning in double precision, one element at a time.
            case MAXIMUM, MINIMUM, POW, FMOD, ATAN2, ABS, SIGN, RSQRT, EXP, LOG, EXPM1, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH,
                    COSH, TANH, ERF, SIGMOID, SOFTPLUS, FLOOR, CEIL, ROUND, TRUNC, TO_F16, TO_BF16, GREATER_EQUAL, LESS_EQUAL,
                    EQUAL, NOT_EQUAL, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR -> {
                for (int i = 0; i < n; i++) {
                    y[i] = (float) function.apply(a[i], b[i], c[i]);
                }
            }
        }
    }

    private static void add(float[] y, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] + b[i];
        }
    }

    private static void sub(float[] y, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] - b[i];
        }
    }

    private static void mul(float[] y, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] * b[i];
        }
    }

    private static void div(float[] y, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] / b[i];
        }
    }

    private static void neg(float[] y, float[] a, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = -a[i];
        }
    }

    private static void sqrt(float[] y, float[] a, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = (float) Math.sqrt(a[i]);
        }
    }

    private static void reciprocal(float[] y, float[] a, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = 1 / a[i];
        }
    }

    private static void relu(float[] y, float[] a, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] < 0 ? 0 : a[i];
        }
    }

    private static void greater(float[] y, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] > b[i] ? 1 : 0;
        }
    }

    private static void select(float[] y, float[] condition, float[] chosen, float[] other, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = condition[i] != 0 ? chosen[i] : other[i];
        }
    }
}
