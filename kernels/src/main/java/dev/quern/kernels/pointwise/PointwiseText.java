package dev.quern.kernels.pointwise;

import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import java.util.ArrayList;
import java.util.List;

/** The text that pointwise rungs share: the kernel's head, and the statements that compute one position. */
final class PointwiseText {
    /** Generated arithmetic is never contracted, so that every device rounds each operation alike. */
    static final String NO_CONTRACTION = """
            #ifdef __OPENCL_VERSION__
            #pragma OPENCL FP_CONTRACT OFF
            #endif
            """;

    private PointwiseText() {
    }

    /** Pointer parameters in the order of the problem's operands: {@code a0 a1 …} for inputs, {@code y0 y1 …} for outputs. */
    static String parameters(PointwiseProblem problem) {
        List<String> parameters = new ArrayList<>();
        int input = 0;
        int output = 0;
        for (Part part : problem.parts()) {
            for (PointwiseProblem.Input read : part.inputs()) {
                parameters.add("Q_GLOBAL const " + Inputs.element(read.dtype()) + "* a" + input++);
            }
        }
        for (Part part : problem.parts()) {
            for (int r = 0; r < part.results().size(); r++) {
                parameters.add("Q_GLOBAL float* y" + output++);
            }
        }
        return String.join(", ", parameters);
    }

    /**
     * Statements that compute {@code width} consecutive positions of a part's innermost loop.
     *
     * @param part        the part
     * @param loops       its loops
     * @param width       positions at once
     * @param firstInput  the number of its first input among the kernel's
     * @param firstOutput the number of its first output among the kernel's
     * @param position    the text of the position in the innermost loop
     * @param bases       the text of each input's offset in the row
     * @param outputIndex the text of the position in the outputs
     * @param indent      what each line begins with
     */
    static String positions(Part part, Loops loops, int width, int firstInput, int firstOutput, String position,
            List<String> bases, String outputIndex, String indent) {
        ExprText body = new ExprText(width, "t", input -> "x" + input);
        List<String> values = new ArrayList<>();
        for (Expr result : part.results()) {
            values.add(body.value(result));
        }
        StringBuilder text = new StringBuilder();
        String type = ExprText.type(width);
        for (int k = 0; k < part.inputs().size(); k++) {
            text.append(indent).append("const ").append(type).append(" x").append(k).append(" = ")
                    .append(load(part, loops, k, "a" + (firstInput + k), bases.get(k), position, width)).append(";\n");
        }
        body.statements().forEach(statement -> text.append(indent).append(statement).append('\n'));
        for (int r = 0; r < values.size(); r++) {
            String pointer = "y" + (firstOutput + r);
            if (width == 1) {
                text.append(indent).append(pointer).append('[').append(outputIndex).append("] = ").append(values.get(r))
                        .append(";\n");
            } else {
                text.append(indent).append("vstore").append(width).append('(').append(values.get(r)).append(", 0, ")
                        .append(pointer).append(" + ").append(outputIndex).append(");\n");
            }
        }
        return text.toString();
    }

    private static String load(Part part, Loops loops, int k, String pointer, String base, String position, int width) {
        long stride = loops.innerStride(k);
        var dtype = part.inputs().get(k).dtype();
        if (stride == 0) {
            String scalar = Inputs.load(dtype, pointer, base, 1);
            return width == 1 ? scalar : "(float" + width + ")(" + scalar + ")";
        }
        if (stride == 1) {
            return Inputs.load(dtype, pointer, base + " + " + position, width);
        }
        if (width == 1) {
            return Inputs.load(dtype, pointer, base + " + (" + position + ") * " + stride, 1);
        }
        List<String> lanes = new ArrayList<>();
        for (int lane = 0; lane < width; lane++) {
            lanes.add(Inputs.load(dtype, pointer, base + " + (" + position + " + " + lane + ") * " + stride, 1));
        }
        return "(float" + width + ")(" + String.join(", ", lanes) + ")";
    }

    /**
     * Statements that declare each input's offset in a row.
     *
     * @param loops  the loops
     * @param row    the text of the row's number
     * @param indent what each line begins with
     * @return the statements; the offsets are named {@code o0 o1 …}
     */
    static String rowOffsets(Loops loops, String row, String indent) {
        StringBuilder text = new StringBuilder();
        int outer = loops.depth() - 1;
        if (outer > 0) {
            // Peel indices from the innermost outer loop outwards; constant divisors become multiplications.
            text.append(indent).append("size_t rest = ").append(row).append(";\n");
            for (int loop = outer - 1; loop >= 0; loop--) {
                if (loop > 0) {
                    text.append(indent).append("const size_t r").append(loop).append(" = rest % ")
                            .append(loops.extents().get(loop)).append("u;\n");
                    text.append(indent).append("rest /= ").append(loops.extents().get(loop)).append("u;\n");
                } else {
                    text.append(indent).append("const size_t r0 = rest;\n");
                }
            }
        }
        for (int k = 0; k < loops.strides().size(); k++) {
            List<String> terms = new ArrayList<>();
            for (int loop = 0; loop < outer; loop++) {
                long stride = loops.strides().get(k).get(loop);
                if (stride != 0) {
                    terms.add(stride == 1 ? "r" + loop : "r" + loop + " * " + stride + "u");
                }
            }
            text.append(indent).append("const size_t o").append(k).append(" = ")
                    .append(terms.isEmpty() ? "0" : String.join(" + ", terms)).append(";\n");
        }
        return text.toString();
    }

    /** The names that {@link #rowOffsets} declares. */
    static List<String> offsetNames(Loops loops) {
        List<String> names = new ArrayList<>();
        for (int k = 0; k < loops.strides().size(); k++) {
            names.add("o" + k);
        }
        return names;
    }
}
