package dev.quern.kernels;

import dev.quern.runtime.DType;
import java.util.List;
import java.util.Set;

/**
 * How the text of a kernel reads and writes an operand whose storage type is a choice of the problem's, while it computes in
 * F32. A kernel names no type: it says {@code X_T}, {@code X_LOAD(p, i)} and {@code X_STORE(p, i, value)}, and the lines made
 * here, put before its text, define them for F32, F16 or BF16. Storing rounds to nearest even.
 */
public final class StorageText {
    /** The storage types that kernels read and write: F32, F16, BF16. */
    public static final Set<DType> TYPES = Set.of(DType.F32, DType.F16, DType.BF16);

    private static final List<Integer> WIDTHS = List.of(4, 8, 16);

    private StorageText() {
    }

    /**
     * Definitions for one operand.
     *
     * @param name   what the macros begin with, for example {@code X}
     * @param dtype  F32, F16 or BF16
     * @param widths vector widths (4, 8, 16) for which {@code X_LOAD16(p, i)} and {@code X_STORE16(p, i, vector)} are wanted
     *               too: consecutive elements from element i on, anywhere in memory. Kernels of the OpenCL dialect only
     */
    public static String define(String name, DType dtype, int... widths) {
        return define(name, dtype, false, widths);
    }

    private static String define(String name, DType dtype, boolean global, int... widths) {
        StringBuilder text = new StringBuilder();
        text.append("#define ").append(name).append("_T ").append(switch (dtype) {
            case F32 -> "float";
            case F16 -> "Q_HALF";
            case BF16 -> "Q_BF16";
            default -> throw refused(name, dtype);
        }).append('\n');
        text.append("#define ").append(name).append("_LOAD(p, i) ").append(switch (dtype) {
            case F32 -> "((p)[i])";
            case F16 -> "Q_LOAD_HALF(p, i)";
            case BF16 -> "Q_LOAD_BF16(p, i)";
            default -> throw refused(name, dtype);
        }).append('\n');
        text.append("#define ").append(name).append("_STORE(p, i, value) ").append(switch (dtype) {
            case F32 -> "((p)[i] = (value))";
            case F16 -> "Q_STORE_HALF(p, i, value)";
            case BF16 -> "Q_STORE_BF16(p, i, value)";
            default -> throw refused(name, dtype);
        }).append('\n');
        for (int width : widths) {
            if (!WIDTHS.contains(width)) {
                throw new IllegalArgumentException("vectors of " + width + " lanes; there are " + WIDTHS);
            }
            vectors(text, name, dtype, global, width);
        }
        return text.toString();
    }

    /**
     * The same for operands in global memory alone, whose vectors PoCL 3.1 loads at once: it takes {@code vload16} for eight loads, of which
     * LLVM does not always make one again.
     */
    public static String defineGlobal(String name, DType dtype, int... widths) {
        return define(name, dtype, true, widths);
    }

    /**
     * What vectors of this many lanes are loaded from and stored to anywhere in memory: the types {@code q_float16_unaligned} and
     * {@code q_ushort16_unaligned}, and {@code q_float_of_half16(pointer)}, {@code q_half_of_float16(vector)} and
     * {@code q_bf16_of_float16(vector)}, the latter two as words. Guarded.
     */
    public static String unaligned(int width) {
        // PoCL 3.1 splits vstore16 into four stores; a store through a type of less alignment stays one. It takes the memory of
        // vload_half16 for that of a vector, aligned: only words of its own are so.
        return """
                #ifndef Q_UNALIGNED$W
                #define Q_UNALIGNED$W
                typedef float q_float$W_unaligned __attribute__((ext_vector_type($W), aligned(4)));
                typedef ushort q_ushort$W_unaligned __attribute__((ext_vector_type($W), aligned(2)));
                static inline ushort$W q_bf16_of_float$W(float$W x) {
                    const uint$W bits = as_uint$W(x);
                    const uint$W rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
                    return convert_ushort$W(select(rounded, bits >> 16 | 0x40u, isnan(x)));
                }
                static inline float$W q_float_of_half$W(Q_GLOBAL const half* p) {
                    const ushort$W bits = *(Q_GLOBAL const q_ushort$W_unaligned*)p;
                    return vload_half$W(0, (const half*)&bits);
                }
                static inline ushort$W q_half_of_float$W(float$W x) {
                    ushort$W bits;
                    vstore_half$W_rte(x, 0, (half*)&bits);
                    return bits;
                }
                #endif
                """.replace("$W", String.valueOf(width));
    }

    private static void vectors(StringBuilder text, String name, DType dtype, boolean global, int width) {
        text.append(unaligned(width));
        String words = global ? "(*(Q_GLOBAL const q_" + (dtype == DType.F32 ? "float" : "ushort") + width + "_unaligned*)((p) + (i)))"
                : "vload" + width + "(0, (p) + (i))";
        text.append("#define ").append(name).append("_LOAD").append(width).append("(p, i) ").append(switch (dtype) {
            case F32 -> words;
            case F16 -> "q_float_of_half" + width + "((p) + (i))";
            case BF16 -> "as_float" + width + "(convert_uint" + width + "(" + words + ") << 16)";
            default -> throw refused(name, dtype);
        }).append('\n');
        text.append("#define ").append(name).append("_STORE").append(width).append("(p, i, value) ").append(switch (dtype) {
            case F32 -> "(*(Q_GLOBAL q_float" + width + "_unaligned*)((p) + (i)) = (value))";
            case F16 -> "(*(Q_GLOBAL q_ushort" + width + "_unaligned*)((p) + (i)) = q_half_of_float" + width + "(value))";
            case BF16 -> "(*(Q_GLOBAL q_ushort" + width + "_unaligned*)((p) + (i)) = q_bf16_of_float" + width + "(value))";
            default -> throw refused(name, dtype);
        }).append('\n');
    }

    private static IllegalArgumentException refused(String name, DType dtype) {
        return new IllegalArgumentException(name + " is " + dtype + "; kernels store F32, F16 or BF16");
    }

    /** Whether kernels that use these macros can take an operand of this type. */
    public static Support supports(String name, DType dtype) {
        return Support.when(TYPES.contains(dtype), name + " is " + dtype + ", not F32, F16 or BF16");
    }

    /**
     * The relative root-mean-square error that storing a result in this type alone may cause, with room for one rounding of an
     * intermediate: 1e-5 for F32, 1e-3 for F16 (11 significant bits), 8e-3 for BF16 (8 bits).
     */
    public static double tolerance(DType dtype) {
        return switch (dtype) {
            case F32, F64 -> 1e-5;
            case F16 -> 1e-3;
            case BF16 -> 8e-3;
            case I32, I64, U8, BOOL -> 0;
        };
    }
}
