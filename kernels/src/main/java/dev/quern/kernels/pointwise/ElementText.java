package dev.quern.kernels.pointwise;

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

    /** The text that reads one element, or {@code width} consecutive ones, as F32. */
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
            case F16 -> "vload_half" + width + "(0, " + pointer + " + " + index + ")";
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
     * Definitions for storing vectors: {@code q_put_F32(pointer, vector)} for F32, F16, BF16, I32, U8 and BOOL.
     *
     * @param width    lanes
     * @param streamed whether stores pass the caches by; pointers are then multiples of a vector's length
     */
    static String vectorStores(int width, boolean streamed) {
        return ("""
                typedef float q_floats __attribute__((ext_vector_type($W), aligned($A4)));
                typedef ushort q_ushorts __attribute__((ext_vector_type($W), aligned($A2)));
                typedef int q_ints __attribute__((ext_vector_type($W), aligned($A4)));
                typedef uchar q_uchars __attribute__((ext_vector_type($W), aligned($A1)));
                static inline ushort$W q_bf16_of(float$W x) {
                    const uint$W bits = as_uint$W(x);
                    const uint$W near = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
                    return convert_ushort$W(x != x ? bits >> 16 | 0x40u : near);
                }
                #define q_put_F32(p, v) $PUT((Q_GLOBAL q_floats*)(p), v)
                #define q_put_F16(p, v) vstore_half$W_rte(v, 0, p)
                #define q_put_BF16(p, v) $PUT((Q_GLOBAL q_ushorts*)(p), q_bf16_of(v))
                #define q_put_I32(p, v) $PUT((Q_GLOBAL q_ints*)(p), convert_int$W_sat((v) != (v) ? (float$W)(0.0f) : (v)))
                #define q_put_U8(p, v) $PUT((Q_GLOBAL q_uchars*)(p), convert_uchar$W(convert_int$W( \\
                    (v) >= 255.0f ? (float$W)(255.0f) : (v) >= 0.0f ? (v) : (float$W)(0.0f))))
                #define q_put_BOOL(p, v) $PUT((Q_GLOBAL q_uchars*)(p), convert_uchar$W(min(as_uint$W(v) & 0x7fffffffu, (uint$W)(1))))
                """.replace("$PUT", streamed ? "Q_STREAM" : "Q_PUT").replace("$A4", "" + 4 * (streamed ? width : 1))
                .replace("$A2", "" + 2 * (streamed ? width : 1)).replace("$A1", "" + (streamed ? width : 1))
                .replace("$W", "" + width)
                + "#define Q_PUT(p, v) (*(p) = (v))\n#define Q_STREAM(p, v) __builtin_nontemporal_store(v, p)\n");
    }
}
