package dev.quern.kernels.pointwise;

import dev.quern.kernels.ChunkText;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The CUDA rung: a thread computes neighbouring elements, which it loads and stores with one access a tensor. Parts follow each
 * other in one launch, so that all updates of an optimizer are one.
 */
final class ChunkPointwise implements Variant<PointwiseProblem> {
    private static final int BLOCK = 256;
    private static final String INDENT = "        ";

    @Override
    public String name() {
        return "chunk_per_thread";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "One thread computes four neighbouring elements (eight where all are of 16 bits): each tensor in order is read and written "
                + "16 bytes at a time, so that a few instructions keep the memory busy, and places are computed once for all of them.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= BLOCK, "needs groups of " + BLOCK).and(problem.supported());
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return 0.9;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        StringBuilder text = new StringBuilder(PointwiseText.front(problem, 1)).append(ChunkText.functions());
        text.append("Q_KERNEL __launch_bounds__(").append(BLOCK).append(") void pointwise(").append(PointwiseText.parameters(problem))
                .append(") {\n    const unsigned int block = blockIdx.x;\n");
        int input = 0;
        int output = 0;
        long first = 0;
        for (Part part : problem.parts()) {
            Loops loops = Loops.of(part);
            int lanes = lanes(part, loops);
            long blocks = Math.ceilDiv(part.shape().elements(), (long) BLOCK * lanes);
            text.append(first == 0 ? "    if" : " else if").append(" (block < ").append(first + blocks).append("u) {\n");
            part(text, part, loops, lanes, first, input, output);
            text.append("    }");
            first += blocks;
            input += part.inputs().size();
            output += part.results().size();
        }
        text.append("\n}\n");
        List<Reference> references = IntStream.range(0, input + output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise", KernelText.of("pointwise/" + name(), dialect(), text.toString()),
                "pointwise", new Grid(first, 1, 1, BLOCK, 1, 1), references));
    }

    /** Elements of a thread: none of its chunks crosses the end of a row, and a chunk of the widest type is one access. */
    private static int lanes(Part part, Loops loops) {
        boolean narrow = part.types().stream().allMatch(ChunkPointwise::isNarrow)
                && part.inputs().stream().allMatch(read -> read.draw().isEmpty() && isNarrow(read.dtype()));
        int lanes = narrow ? 8 : 4;
        return loops.depth() == 1 || loops.inner() % lanes == 0 ? lanes : 1;
    }

    private static boolean isNarrow(DType dtype) {
        return dtype == DType.F16 || dtype == DType.BF16;
    }

    /** Whether a thread's elements of an input are one chunk. */
    private static boolean isChunk(Part part, Loops loops, int k, int lanes) {
        Input read = part.inputs().get(k);
        return lanes > 1 && read.draw().isEmpty() && StorageText.TYPES.contains(read.dtype()) && loops.isAligned(k, lanes);
    }

    private static void part(StringBuilder text, Part part, Loops loops, int lanes, long firstBlock, int firstInput, int firstOutput) {
        long elements = part.shape().elements();
        text.append(INDENT).append("const size_t i = ((size_t)(block - ").append(firstBlock).append("u) * ").append(BLOCK)
                .append("u + threadIdx.x) * ").append(lanes).append("u;\n");
        text.append(INDENT).append("if (i >= ").append(elements).append("u) return;\n");
        text.append(INDENT).append("const size_t p = ").append(loops.depth() == 1 ? "i" : "i % " + loops.inner() + "u").append(";\n");
        text.append(PointwiseText.streams(part, firstInput, INDENT));
        text.append(PointwiseText.rowOffsets(loops, "i / " + loops.inner() + "u", INDENT));
        boolean tail = lanes > 1 && elements % lanes != 0;
        if (elements >= lanes) {
            chunk(text, part, loops, lanes, firstInput, firstOutput, tail ? "if (i + " + lanes + "u <= " + elements + "u) " : "");
        }
        if (tail) {
            text.append(INDENT).append(elements >= lanes ? "else " : "").append("for (unsigned int j = 0; i + j < ").append(elements)
                    .append("u; j++) {\n");
            text.append(PointwiseText.positions(part, loops, 1, 0, firstInput, firstOutput, "(p + j)", PointwiseText.offsetNames(loops),
                    "i + j", INDENT + "    "));
            text.append(INDENT).append("}\n");
        }
    }

    private static void chunk(StringBuilder text, Part part, Loops loops, int lanes, int firstInput, int firstOutput, String condition) {
        String indent = INDENT + "    ";
        text.append(INDENT).append(condition).append("{\n");
        for (int k = 0; k < part.inputs().size(); k++) {
            if (isChunk(part, loops, k, lanes)) {
                text.append(indent).append("float v").append(k).append('[').append(lanes).append("];\n").append(indent).append("q_get<")
                        .append(lanes).append(">(").append(ChunkText.tag(part.inputs().get(k).dtype())).append("(), a")
                        .append(firstInput + k).append(" + (o").append(k).append(" + p), v").append(k).append(");\n");
            }
        }
        for (int r = 0; r < part.results().size(); r++) {
            text.append(indent).append("float w").append(r).append('[').append(lanes).append("];\n");
        }
        text.append("#pragma unroll\n").append(indent).append("for (unsigned int j = 0; j < ").append(lanes).append("u; j++) {\n");
        ExprText body = new ExprText(1, "t", input -> "x" + input);
        List<String> values = new ArrayList<>();
        for (Expr result : part.results()) {
            values.add(body.value(result));
        }
        for (int k = 0; k < part.inputs().size(); k++) {
            String value = isChunk(part, loops, k, lanes) ? "v" + k + "[j]"
                    : PointwiseText.load(part, loops, k, "a" + (firstInput + k), "o" + k, "(p + j)", 1, 0);
            text.append(indent).append("    const float x").append(k).append(" = ").append(value).append(";\n");
        }
        body.statements().forEach(statement -> text.append(indent).append("    ").append(statement).append('\n'));
        for (int r = 0; r < values.size(); r++) {
            text.append(indent).append("    w").append(r).append("[j] = ").append(values.get(r)).append(";\n");
        }
        text.append(indent).append("}\n");
        for (int r = 0; r < values.size(); r++) {
            DType type = part.types().get(r);
            String pointer = "y" + (firstOutput + r);
            if (StorageText.TYPES.contains(type)) {
                text.append(indent).append("q_put<").append(lanes).append(">(").append(ChunkText.tag(type)).append("(), ").append(pointer)
                        .append(" + i, w").append(r).append(");\n");
            } else {
                text.append("#pragma unroll\n").append(indent).append("for (unsigned int j = 0; j < ").append(lanes).append("u; j++) {\n")
                        .append(indent).append("    ").append(ElementText.store(type, pointer, "i + j", "w" + r + "[j]")).append('\n')
                        .append(indent).append("}\n");
            }
        }
        text.append(INDENT).append("}\n");
    }
}
