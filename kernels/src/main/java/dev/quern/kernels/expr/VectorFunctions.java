package dev.quern.kernels.expr;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Functions of vectors in OpenCL C that stay in registers, where Clang and PoCL make sixteen calls of a library, or far more than F32
 * needs. Polynomials and quotients are fitted for the least largest relative error; NaN passes every comparison by. The largest errors
 * over all of their range, in units of the last place: exp 1.0, expm1 1.6, log 0.8, log1p 1.5, tanh 4.1, erf 4.1,
 * sigmoid 2.1.
 */
final class VectorFunctions {
    /** exp(r) with r in [-ln(2)/2, ln(2)/2], of x = r + n ln(2), and n; exact where |x| is at most 104. */
    private static final String EXP_PARTS = """
            static inline float$W q_vector_exp_parts$W(float$W x, int$W* n) {
                const float$W shifted = fma(x, (float$W)(1.44269504f), (float$W)(12582912.0f));
                const float$W whole = shifted - 12582912.0f;
                const float$W r = fma(whole, (float$W)(1.90465432e-9f), fma(whole, (float$W)(-0.693147182f), x));
                float$W p = fma((float$W)(0.001394858118f), r, (float$W)(0.008375128731f));
                p = fma(p, r, (float$W)(0.041666217148f));
                p = fma(p, r, (float$W)(0.166664153337f));
                p = fma(p, r, (float$W)(0.5f));
                p = fma(p, r, (float$W)(1.0f));
                *n = as_int$W(shifted) - 0x4b400000;
                return fma(p, r, (float$W)(1.0f));
            }
            """;
    /** exp: 2^n exp(r); 2^n in two factors, as it may be below or above what one holds. */
    private static final String EXP = """
            static inline float$W q_vector_exp$W(float$W x) {
                const float$W low = x < -104.0f ? (float$W)(-104.0f) : x;
                const float$W within = low > 89.0f ? (float$W)(89.0f) : low;
                int$W n;
                const float$W p = q_vector_exp_parts$W(within, &n);
                const int$W half_of_it = n >> 1;
                return p * as_float$W((half_of_it + 127) << 23) * as_float$W((n - half_of_it + 127) << 23);
            }
            """;
    /**
     * exp(x) / (1 + exp(x)): from 30 on 1, below the least normal number 0, since 2^-127 comes out as 0. A division takes fewer
     * instructions than steps towards the reciprocal, and these are what sixteen lanes wait for beside memory.
     */
    private static final String SIGMOID = """
            static inline float$W q_vector_sigmoid$W(float$W x) {
                const float$W low = x < -88.0f ? (float$W)(-88.0f) : x;
                const float$W within = low > 30.0f ? (float$W)(30.0f) : low;
                int$W n;
                const float$W p = q_vector_exp_parts$W(within, &n);
                const float$W e = p * as_float$W((n + 127) << 23);
                return e / (1.0f + e);
            }
            """;
    /** exp - 1: 2^n (exp(r) - 1) + (2^n - 1), with half of 2^n as 2^128 is more than F32 holds; -0 stays -0. */
    private static final String EXPM1 = """
            static inline float$W q_vector_expm1$W(float$W x) {
                const float$W low = x < -20.0f ? (float$W)(-20.0f) : x;
                const float$W within = low > 89.0f ? (float$W)(89.0f) : low;
                const float$W shifted = fma(within, (float$W)(1.44269504f), (float$W)(12582912.0f));
                const float$W n = shifted - 12582912.0f;
                const float$W r = fma(n, (float$W)(1.90465432e-9f), fma(n, (float$W)(-0.693147182f), within));
                float$W p = fma((float$W)(0.001388252014f), r, (float$W)(0.008366518654f));
                p = fma(p, r, (float$W)(0.041667200625f));
                p = fma(p, r, (float$W)(0.166665434837f));
                p = fma(p, r, (float$W)(0.49999997f));
                const float$W q = fma(r * r, p, r);
                const float$W power = as_float$W((as_int$W(shifted) - 0x4b400000 + 126) << 23);
                return n == 0.0f ? q : 2.0f * fma(q, power, power - 0.5f);
            }
            """;
    /** log: x = 2^e m with m within a factor of sqrt(2) of 1, log(1 + f) = f - f^2/2 + f^3 p(f); below 2^-126 of 2^23 x. */
    private static final String LOG = """
            static inline float$W q_vector_log$W(float$W x) {
                const int$W small = x < 1.17549435e-38f;
                const int$W bits = as_int$W(small ? x * 8388608.0f : x);
                const int$W e = (bits - 0x3f3504f3) >> 23;
                const float$W f = as_float$W(bits - (e << 23)) - 1.0f;
                const float$W n = convert_float$W(small ? e - 23 : e);
                float$W p = fma((float$W)(-0.0763446018f), f, (float$W)(0.127615631f));
                p = fma(p, f, (float$W)(-0.1316019f));
                p = fma(p, f, (float$W)(0.142017603f));
                p = fma(p, f, (float$W)(-0.166233569f));
                p = fma(p, f, (float$W)(0.200012267f));
                p = fma(p, f, (float$W)(-0.250008196f));
                p = fma(p, f, (float$W)(0.333333313f));
                const float$W square = f * f;
                const float$W rest = fma(square, (float$W)(-0.5f), fma(n, (float$W)(-2.1219444e-4f), square * f * p));
                const float$W y = fma(n, (float$W)(0.693359375f), f + rest);
                const float$W edge = x == 0.0f ? (float$W)(-Q_INFINITY) : x < 0.0f ? (float$W)(Q_NAN) : x;
                return x > 0.0f && x < (float$W)(Q_INFINITY) ? y : edge;
            }
            """;
    /** log(1 + x): the logarithm of the rounded sum, and what rounding it took away. */
    private static final String LOG1P = """
            static inline float$W q_vector_log1p$W(float$W x) {
                const float$W sum = 1.0f + x;
                const float$W y = q_vector_log$W(sum) + (x - (sum - 1.0f)) / sum;
                return sum == 1.0f ? x : sum > 0.0f && sum < (float$W)(Q_INFINITY) ? y : q_vector_log$W(sum);
            }
            """;
    /** tanh: x times a quotient of polynomials of x^2; from 9.02 on 1. */
    private static final String TANH = """
            static inline float$W q_vector_tanh$W(float$W x) {
                const float$W low = x < -9.02f ? (float$W)(-9.02f) : x;
                const float$W t = low > 9.02f ? (float$W)(9.02f) : low;
                const float$W u = t * t;
                float$W p = fma((float$W)(1.33175986e-8f), u, (float$W)(2.05824326e-5f));
                p = fma(p, u, (float$W)(0.00349397236f));
                p = fma(p, u, (float$W)(0.133796662f));
                p = fma(p, u, (float$W)(1.0f));
                float$W q = fma((float$W)(7.76141917e-7f), u, (float$W)(0.000328298979f));
                q = fma(q, u, (float$W)(0.0258708391f));
                q = fma(q, u, (float$W)(0.467129827f));
                q = fma(q, u, (float$W)(1.0f));
                const float$W y = p * t / q;
                const float$W above = y < -1.0f ? (float$W)(-1.0f) : y;
                return above > 1.0f ? (float$W)(1.0f) : above;
            }
            """;
    /** erf: x times a quotient of polynomials of x^2; from 3.93 on 1. */
    private static final String ERF = """
            static inline float$W q_vector_erf$W(float$W x) {
                const float$W low = x < -3.93f ? (float$W)(-3.93f) : x;
                const float$W t = low > 3.93f ? (float$W)(3.93f) : low;
                const float$W u = t * t;
                float$W p = fma((float$W)(2.04195726e-6f), u, (float$W)(0.000284785376f));
                p = fma(p, u, (float$W)(0.00377897103f));
                p = fma(p, u, (float$W)(0.0527882725f));
                p = fma(p, u, (float$W)(0.190770224f));
                p = fma(p, u, (float$W)(1.12837911f));
                float$W q = fma((float$W)(3.80027232e-5f), u, (float$W)(0.00116504170f));
                q = fma(q, u, (float$W)(0.0149961608f));
                q = fma(q, u, (float$W)(0.114251703f));
                q = fma(q, u, (float$W)(0.502398431f));
                q = fma(q, u, (float$W)(1.0f));
                const float$W y = p * t / q;
                const float$W above = y < -1.0f ? (float$W)(-1.0f) : y;
                return above > 1.0f ? (float$W)(1.0f) : above;
            }
            """;

    /**
     * A function of the text.
     *
     * @param name   what its guard is called
     * @param text   its definition
     */
    record Helper(String name, String text) {
    }

    private static final Helper EXP_PARTS_HELPER = new Helper("EXP_PARTS", EXP_PARTS);
    private static final Helper EXP_HELPER = new Helper("EXP", EXP);
    private static final Helper EXPM1_HELPER = new Helper("EXPM1", EXPM1);
    private static final Helper LOG_HELPER = new Helper("LOG", LOG);
    private static final Helper LOG1P_HELPER = new Helper("LOG1P", LOG1P);

    /**
     * How a function is spelled for vectors.
     *
     * @param spelling as {@link ElementwiseFunction#spelling()}
     * @param helpers  what it calls, in an order in which it can be defined
     */
    record Spelled(String spelling, List<Helper> helpers) {
    }

    private static final Map<ElementwiseFunction, Spelled> SPELLED = Map.of(
            ElementwiseFunction.EXP, new Spelled("q_vector_exp$W($0)", List.of(EXP_PARTS_HELPER, EXP_HELPER)),
            ElementwiseFunction.SIGMOID, new Spelled("q_vector_sigmoid$W($0)",
                    List.of(EXP_PARTS_HELPER, new Helper("SIGMOID", SIGMOID))),
            ElementwiseFunction.EXPM1, new Spelled("q_vector_expm1$W($0)", List.of(EXPM1_HELPER)),
            ElementwiseFunction.LOG, new Spelled("q_vector_log$W($0)", List.of(LOG_HELPER)),
            ElementwiseFunction.LOG1P, new Spelled("q_vector_log1p$W($0)", List.of(LOG_HELPER, LOG1P_HELPER)),
            ElementwiseFunction.SOFTPLUS, new Spelled("(fmax($0, ($T)(0.0f)) + q_vector_log1p$W(q_vector_exp$W(-fabs($0))))",
                    List.of(EXP_PARTS_HELPER, EXP_HELPER, LOG_HELPER, LOG1P_HELPER)),
            ElementwiseFunction.TANH, new Spelled("q_vector_tanh$W($0)", List.of(new Helper("TANH", TANH))),
            ElementwiseFunction.ERF, new Spelled("q_vector_erf$W($0)", List.of(new Helper("ERF", ERF))));

    private VectorFunctions() {
    }

    /** The spelling of a function for vectors. */
    static String spelling(ElementwiseFunction function) {
        Spelled spelled = SPELLED.get(function);
        return spelled == null ? function.spelling() : spelled.spelling();
    }

    /** What functions call when they are spelled for vectors, each after what it calls itself; a helper may be named twice. */
    static List<Helper> helpers(Set<ElementwiseFunction> called) {
        return called.stream().filter(SPELLED::containsKey).flatMap(function -> SPELLED.get(function).helpers().stream()).toList();
    }
}
