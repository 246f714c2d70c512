package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelResource;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The text that pointwise rungs share: the kernel's head, and the statements that compute one position. */
final class PointwiseText {
    /** Generated arithmetic is never contracted, so that every device rounds each operation alike. */
    static final String NO_CONTRACTION = """
            #ifdef __OPENCL_VERSION__
            #pragma OPENCL FP_CONTRACT OFF
            #endif
            """;

    private static final List<DType> INTEGERS = List.of(DType.I32, DType.U8, DType.BOOL);

    private PointwiseText() {
    }

    /** What stands before the kernel: the functions that its expressions, stores and draws call. */
    static String front(PointwiseProblem problem, int... widths) {
        StringBuilder text = new StringBuilder(NO_CONTRACTION);
        text.append(ExprText.helpers(problem.parts().stream().flatMap(part -> part.results().stream()).toList(), widths));
        if (problem.parts().stream().anyMatch(part -> !Collections.disjoint(part.types(), INTEGERS))) {
            text.append(ElementText.INTEGERS);
        }
        if (problem.parts().stream().anyMatch(part -> part.inputs().stream().anyMatch(input -> input.draw().isPresent()))) {
            text.append(KernelResource.text(Draw.class, "random.cl"));
        }
        return text.toString();
    }

    /** Pointer parameters in the order of the problem's operands: {@code a0 a1 …} for inputs, {@code y0 y1 …} for outputs. */
    static String parameters(PointwiseProblem problem) {
        List<String> parameters = new ArrayList<>();
        int input = 0;
        int output = 0;
        for (Part part : problem.parts()) {
            for (PointwiseProblem.Input read : part.inputs()) {
                parameters.add("Q_GLOBAL const " + ElementText.type(read.dtype()) + "* a" + input++);
            }
        }
        for (Part part : problem.parts()) {
            for (DType type : part.types()) {
                parameters.add("Q_GLOBAL " + ElementText.type(type) + "* y" + output++);
            }
        }
        return String.join(", ", parameters);
    }

    /** Statements that declare the stream {@code s<k>} of each draw. */
    static String streams(Part part, int firstInput, String indent) {
        StringBuilder text = new StringBuilder();
        for (int k = 0; k < part.inputs().size(); k++) {
            int input = k;
            part.inputs().get(k).draw().ifPresent(draw -> text.append(indent).append("const Q_ULONG s").append(input)
                    .append(" = q_draw_stream(a").append(firstInput + input).append(", 0x").append(Long.toHexString(draw.purpose()))
                    .append("ul);\n"));
        }
        return text.toString();
    }

    /** Whether vectors of an input's numbers can be drawn four at once. */
    static boolean drawsVectors(Part part, Loops loops, int input) {
        return part.inputs().get(input).draw().filter(draw -> draw.distribution() != Distribution.NORMAL).isPresent()
                && loops.isAligned(input, 4);
    }

    /** The text of four vectors that are drawn at once, from {@code first} on. */
    static String fourVectors(Part part, Loops loops, int k, String first) {
        String key = "l" + k + ", s" + k + ", " + first;
        return part.inputs().get(k).draw().orElseThrow().distribution() instanceof Bernoulli bernoulli
                ? "q_draw_bernoulli_" + (loops.isAligned(k, 8) ? "vectors(" : "quads(") + key + ", " + threshold(bernoulli) + ")"
                : "q_draw_uniform_vectors(" + key + ")";
    }

    private static String threshold(Bernoulli bernoulli) {
        return "0x" + Long.toHexString(bernoulli.threshold()) + "u";
    }

    /**
     * Statements that compute {@code width} consecutive positions of a part's innermost loop.
     *
     * @param part        the part
     * @param loops       its loops
     * @param width       positions at once
     * @param quarter     which of the four vectors {@code d<k>.p0} … holds the numbers that {@link #drawsVectors} allows
     * @param firstInput  the number of its first input among the kernel's
     * @param firstOutput the number of its first output among the kernel's
     * @param position    the text of the position in the innermost loop
     * @param bases       the text of each input's offset in the row
     * @param outputIndex the text of the position in the outputs
     * @param indent      what each line begins with
     */
    static String positions(Part part, Loops loops, int width, int quarter, int firstInput, int firstOutput, String position,
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
                    .append(load(part, loops, k, "a" + (firstInput + k), bases.get(k), position, width, quarter)).append(";\n");
        }
        body.statements().forEach(statement -> text.append(indent).append(statement).append('\n'));
        for (int r = 0; r < values.size(); r++) {
            String pointer = "y" + (firstOutput + r);
            DType stored = part.types().get(r);
            text.append(indent);
            if (width == 1) {
                text.append(ElementText.store(stored, pointer, outputIndex, values.get(r)));
            } else {
                text.append("q_put_").append(stored).append('(').append(pointer).append(" + ").append(outputIndex).append(", ")
                        .append(values.get(r)).append(");");
            }
            text.append('\n');
        }
        return text.toString();
    }

    static String load(Part part, Loops loops, int k, String pointer, String base, String position, int width,
            int quarter) {
        long stride = loops.innerStride(k);
        PointwiseProblem.Input input = part.inputs().get(k);
        if (width > 1 && drawsVectors(part, loops, k)) {
            return "d" + k + ".p" + quarter;
        }
        if (stride == 0) {
            String scalar = element(input, k, pointer, base);
            return width == 1 ? scalar : "(float" + width + ")(" + scalar + ")";
        }
        if (stride == 1 && (width == 1 || input.draw().isEmpty())) {
            return width == 1 ? element(input, k, pointer, base + " + " + position)
                    : ElementText.load(input.dtype(), pointer, base + " + " + position, width);
        }
        if (width == 1) {
            return element(input, k, pointer, base + " + (" + position + ") * " + factor(stride));
        }
        List<String> lanes = new ArrayList<>();
        for (int lane = 0; lane < width; lane++) {
            lanes.add(element(input, k, pointer, base + " + (" + position + " + " + lane + ") * " + factor(stride)));
        }
        return "(float" + width + ")(" + String.join(", ", lanes) + ")";
    }

    private static String element(PointwiseProblem.Input input, int k, String pointer, String index) {
        return input.draw().map(draw -> "q_draw_" + draw.distribution().label() + "(" + pointer + ", s" + k + ", " + index
                + (draw.distribution() instanceof Bernoulli bernoulli ? ", " + threshold(bernoulli) : "") + ")")
                .orElseGet(() -> ElementText.load(input.dtype(), pointer, index, 1));
    }

    /** A stride as a factor of a size_t; what is negative wraps around and comes out right. */
    private static String factor(long stride) {
        return stride < 0 ? "(size_t)(" + stride + ")" : String.valueOf(stride);
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
            if (loops.offsets().get(k) != 0) {
                terms.add(String.valueOf(loops.offsets().get(k)));
            }
            for (int loop = 0; loop < outer; loop++) {
                long stride = loops.strides().get(k).get(loop);
                if (stride != 0) {
                    terms.add(stride == 1 ? "r" + loop : "r" + loop + " * " + factor(stride));
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
