package dev.quern.kernels.pointwise;

import dev.quern.kernels.Support;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DType;
import java.util.Set;

/** Which storage types pointwise kernels read, and how they spell it. */
final class Inputs {
    private static final Set<DType> READABLE = Set.of(DType.F32, DType.I32, DType.U8, DType.BOOL);

    private Inputs() {
    }

    static Support supported(PointwiseProblem problem) {
        for (Part part : problem.parts()) {
            for (Input input : part.inputs()) {
                if (!READABLE.contains(input.dtype())) {
                    return Support.no("input " + input.name() + " is " + input.dtype());
                }
            }
        }
        return Support.supported();
    }

    /** The C type of a storage type's elements. */
    static String element(DType dtype) {
        return switch (dtype) {
            case F32 -> "float";
            case I32 -> "int";
            case U8, BOOL -> "uchar";
            case F16, BF16, F64, I64 -> throw new IllegalArgumentException("pointwise reads no " + dtype);
        };
    }

    /** The text that reads one element, or {@code width} consecutive ones, as F32. */
    static String load(DType dtype, String pointer, String index, int width) {
        if (width == 1) {
            return dtype == DType.F32 ? pointer + "[" + index + "]" : "(float)" + pointer + "[" + index + "]";
        }
        String vector = "vload" + width + "(0, " + pointer + " + " + index + ")";
        return dtype == DType.F32 ? vector : "convert_float" + width + "(" + vector + ")";
    }
}
