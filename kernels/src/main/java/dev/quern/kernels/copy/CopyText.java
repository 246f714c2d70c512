package dev.quern.kernels.copy;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.PastCaches;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The text that kernels which move elements share: elements as unsigned words of their size, parameters, places and runs of rows. */
public final class CopyText {
    /** A work-item's share of a large tensor on a CPU. */
    public static final long TILE_BYTES = 128 * 1024;
    /** Where operands are this long, no last-level cache keeps results until they are read. */
    private static final long STREAMED_BYTES = 32L << 20;

    private CopyText() {
    }

    /** The unsigned word that an element travels in. */
    public static String word(DType dtype) {
        return switch (dtype.bytes()) {
            case 1 -> "Q_UCHAR";
            case 2 -> "Q_BF16";
            case 4 -> "Q_UINT";
            default -> "Q_ULONG";
        };
    }

    /** The fill value as a word. */
    static String fill(CopyProblem problem) {
        HostTensor value = HostTensor.zeros(problem.dtype(), Shape.of(1));
        value.set(0, problem.fill());
        long bits = switch (problem.dtype().bytes()) {
            case 1 -> Byte.toUnsignedLong(value.memory().get(ValueLayout.JAVA_BYTE, 0));
            case 2 -> Short.toUnsignedLong(value.memory().get(ValueLayout.JAVA_SHORT, 0));
            case 4 -> Integer.toUnsignedLong(value.memory().get(ValueLayout.JAVA_INT, 0));
            default -> value.memory().get(ValueLayout.JAVA_LONG, 0);
        };
        return "(" + word(problem.dtype()) + ")0x" + Long.toHexString(bits) + (problem.dtype().bytes() == 8 ? "ul" : "u");
    }

    /** The text of {@code copy_run(y, x, count)} and {@code fill_run(y, count, value)} for CPUs; needs {@link #rowDefines}. */
    public static String rows() {
        return CpuVectors.fetch() + KernelResource.text(CopyText.class, "copy_rows_cpu.cl");
    }

    /** The definitions of {@link #rows} for elements of a type, where a launch moves this many bytes. */
    public static Map<String, Object> rowDefines(DType dtype, double bytes) {
        return Map.of("WORD", word(dtype), "WORD_BYTES", dtype.bytes(), "LANES", Math.min(16, 64 / dtype.bytes()), "STREAMED",
                streamed(dtype, bytes) ? 1 : 0);
    }

    /** Whether stores pass the caches by. */
    static boolean streamed(DType dtype, double bytes) {
        return PastCaches.are(bytes, STREAMED_BYTES) && dtype.bytes() >= 4;
    }

    static String parameters(CopyProblem problem) {
        return IntStream.range(0, problem.inputs().size()).mapToObj(k -> "Q_GLOBAL const WORD* x" + k + ", ")
                .collect(Collectors.joining()) + "Q_GLOBAL WORD* y";
    }

    static List<Reference> references(CopyProblem problem) {
        return IntStream.rangeClosed(0, problem.inputs().size()).mapToObj(Reference::operand).toList();
    }

    /** Statements that declare the first element of a row on both sides: {@code to}, and {@code from} where there is an input. */
    static String places(Part part, String row, String indent) {
        StringBuilder text = new StringBuilder();
        int outer = part.depth() - 1;
        for (int loop = outer - 1; loop >= 0; loop--) {
            String rest = loop == outer - 1 ? row : "q" + (loop + 1);
            if (loop > 0) {
                text.append(indent).append("const size_t q").append(loop).append(" = ").append(rest).append(" / ")
                        .append(part.extents().get(loop)).append("u;\n");
                text.append(indent).append("const size_t r").append(loop).append(" = ").append(rest).append(" - q").append(loop)
                        .append(" * ").append(part.extents().get(loop)).append("u;\n");
            } else {
                text.append(indent).append("const size_t r0 = ").append(rest).append(";\n");
            }
        }
        text.append(indent).append("const size_t to = ").append(sum(part.at(), part.target(), outer)).append(";\n");
        if (part.input() >= 0) {
            text.append(indent).append("const size_t from = ").append(sum(part.from(), part.source(), outer)).append(";\n");
        }
        return text.toString();
    }

    private static String sum(long first, List<Long> strides, int outer) {
        StringBuilder text = new StringBuilder().append(first).append('u');
        for (int loop = 0; loop < outer; loop++) {
            if (strides.get(loop) != 0) {
                text.append(" + r").append(loop).append(" * ").append(factor(strides.get(loop)));
            }
        }
        return text.toString();
    }

    /** A stride as a factor of a size_t; what is negative wraps around and comes out right. */
    static String factor(long stride) {
        return stride < 0 ? "(size_t)(" + stride + ")" : stride + "u";
    }
}
