package dev.quern.kernels.pointwise;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;

/** How pointwise kernels spell elements of the storage types: their C type, reading them as F32, storing F32 as them. */
final class ElementText {
    /** What is cut off towards 0 and kept within the type's range; NaN becomes 0. */
    static final String INTEGERS = """
            Q_DEVICE int q_int_of(float x) {
                return x != x ? 0 : x >= 2147483648.0f ? 2147483647 : x <= -2147483648.0f ? -2147483647 - 1 : (int)x;
            }
            Q_DEVICE Q_UCHAR q_uchar_of(float x) {
                return (Q_UCHAR)(x >= 255.0f ? 255 : x >= 0.0f ? (int)x : 0);
            }
            """;

    private ElementText() {
    }

    /** The C type of a storage type's elements. */
    static String type(DType dtype) {
        return switch (dtype) {
            case F32 -> "float";
            case F16 -> "Q_HALF";
            case BF16 -> "Q_BF16";
            case I32 -> "int";
            case U8, BOOL -> "Q_UCHAR";
            case F64, I64 -> throw refused(dtype);
        };
    }

    static IllegalArgumentException refused(DType dtype) {
        return new IllegalArgumentException("pointwise kernels read and write no " + dtype);
    }

    /** The text that reads one element, or {@code width} consecutive ones, as F32; {@link #vectors} defines what it calls. */
    static String load(DType dtype, String pointer, String index, int width) {
        if (width == 1) {
            return switch (dtype) {
                case F32 -> pointer + "[" + index + "]";
                case F16 -> "Q_LOAD_HALF(" + pointer + ", " + index + ")";
                case BF16 -> "Q_LOAD_BF16(" + pointer + ", " + index + ")";
                case I32, U8, BOOL -> "(float)" + pointer + "[" + index + "]";
                case F64, I64 -> throw refused(dtype);
            };
        }
        String vector = "vload" + width + "(0, " + pointer + " + " + index + ")";
        return switch (dtype) {
            case F32 -> vector;
            case F16 -> "q_float_of_half" + width + "(" + pointer + " + " + index + ")";
            case BF16 -> "as_float" + width + "(convert_uint" + width + "(" + vector + ") << 16)";
            case I32, U8, BOOL -> "convert_float" + width + "(" + vector + ")";
            case F64, I64 -> throw refused(dtype);
        };
    }

    /** The statement that stores one element. */
    static String store(DType dtype, String pointer, String index, String value) {
        return switch (dtype) {
            case F32 -> pointer + "[" + index + "] = " + value + ";";
            case F16 -> "Q_STORE_HALF(" + pointer + ", " + index + ", " + value + ");";
            case BF16 -> "Q_STORE_BF16(" + pointer + ", " + index + ", " + value + ");";
            case I32 -> pointer + "[" + index + "] = q_int_of(" + value + ");";
            case U8 -> pointer + "[" + index + "] = q_uchar_of(" + value + ");";
            case BOOL -> pointer + "[" + index + "] = (Q_UCHAR)(" + value + " != 0.0f);";
            case F64, I64 -> throw refused(dtype);
        };
    }

    /**
     * Definitions for vectors: {@code q_put_F32(pointer, vector)} and the same for F16, BF16, I32, U8 and BOOL; {@code q_put2_F16} and
     * {@code q_put4_U8} of two or four vectors that follow each other, for types of two bytes and of one, as one store of a whole line of
     * the caches; and {@code FETCH(pointer)}, which asks for a line before it is loaded.
     *
     * @param width    lanes
     * @param streamed whether stores pass the caches by; pointers are then multiples of what is stored
     */
    static String vectors(int width, boolean streamed) {
        String text = """
                typedef float q_floats __attribute__((ext_vector_type($W), aligned($A4)));
                typedef ushort q_ushorts __attribute__((ext_vector_type($W), aligned($A2)));
                typedef ushort q_ushorts2 __attribute__((ext_vector_type($2W), aligned($B2)));
                typedef int q_ints __attribute__((ext_vector_type($W), aligned($A4)));
                typedef uchar q_uchars __attribute__((ext_vector_type($W), aligned($A1)));
                typedef uchar q_uchars4 __attribute__((ext_vector_type($4W), aligned($B1)));
                #define Q_PUT(p, v) (*(p) = (v))
                #define Q_STREAM(p, v) __builtin_nontemporal_store(v, p)
                static inline uchar$W q_uchars_of(float$W x) {
                    const float$W low = x >= 0.0f ? x : (float$W)(0.0f);
                    return convert_uchar$W(convert_int$W(low >= 255.0f ? (float$W)(255.0f) : low));
                }
                static inline uchar$W q_truths_of(float$W x) {
                    return convert_uchar$W(min(as_uint$W(x) & 0x7fffffffu, (uint$W)(1)));
                }
                #define q_put_F32(p, v) $PUT((Q_GLOBAL q_floats*)(p), v)
                #define q_put_F16(p, v) $PUT((Q_GLOBAL q_ushorts*)(p), q_half_of_float$W(v))
                #define q_put_BF16(p, v) $PUT((Q_GLOBAL q_ushorts*)(p), q_bf16_of_float$W(v))
                #define q_put_I32(p, v) $PUT((Q_GLOBAL q_ints*)(p), convert_int$W_sat((v) != (v) ? (float$W)(0.0f) : (v)))
                #define q_put_U8(p, v) $PUT((Q_GLOBAL q_uchars*)(p), q_uchars_of(v))
                #define q_put_BOOL(p, v) $PUT((Q_GLOBAL q_uchars*)(p), q_truths_of(v))
                #define Q_PUT2(p, a, b) { q_ushorts2 both; both.lo = a; both.hi = b; $PUT((Q_GLOBAL q_ushorts2*)(p), both); }
                #define Q_PUT4(p, a, b, c, d) { q_uchars4 all; all.lo.lo = a; all.lo.hi = b; all.hi.lo = c; all.hi.hi = d; \\
                    $PUT((Q_GLOBAL q_uchars4*)(p), all); }
                #define q_put2_F16(p, a, b) Q_PUT2(p, q_half_of_float$W(a), q_half_of_float$W(b))
                #define q_put2_BF16(p, a, b) Q_PUT2(p, q_bf16_of_float$W(a), q_bf16_of_float$W(b))
                #define q_put4_U8(p, a, b, c, d) Q_PUT4(p, q_uchars_of(a), q_uchars_of(b), q_uchars_of(c), q_uchars_of(d))
                #define q_put4_BOOL(p, a, b, c, d) Q_PUT4(p, q_truths_of(a), q_truths_of(b), q_truths_of(c), q_truths_of(d))
                """;
        return CpuVectors.fetch() + StorageText.unaligned(width) + text.replace("$PUT", streamed ? "Q_STREAM" : "Q_PUT")
                .replace("$A4", "" + 4 * (streamed ? width : 1)).replace("$A2", "" + 2 * (streamed ? width : 1))
                .replace("$B2", "" + 2 * (streamed ? 2 * width : 1)).replace("$A1", "" + (streamed ? width : 1))
                .replace("$B1", "" + (streamed ? 4 * width : 1)).replace("$2W", "" + 2 * width).replace("$4W", "" + 4 * width)
                .replace("$W", "" + width);
    }
}
