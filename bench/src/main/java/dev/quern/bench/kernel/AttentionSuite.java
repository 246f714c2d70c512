package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.attention.AttentionBackwardProblem;
import dev.quern.kernels.attention.AttentionForwardProblem;
import dev.quern.kernels.attention.AttentionGeometry;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The suite {@code attention}: scaled dot-product attention in f32 with eight heads of 64, cases named LENGTH-full and
 * LENGTH-causal. Forward is with the log-sum-exp that training needs; backward is the gradient alone, from saved results.
 */
public final class AttentionSuite {
    private static final int HEADS = 8;
    private static final int DIM = 64;
    /** Gradients sum over up to thousands of terms of both signs. */
    private static final double TOLERANCE = 1e-4;

    private AttentionSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        List<BenchCase> cases = new ArrayList<>();
        for (int length : new int[] {256, 512, 1024, 2048}) {
            for (boolean causal : new boolean[] {false, true}) {
                cases.add(forward(length, causal));
                cases.add(backward(length, causal));
            }
        }
        return new Suite("attention", cases);
    }

    private static AttentionGeometry geometry(int heads, int length, boolean causal) {
        AttentionGeometry full = AttentionGeometry.of(1, heads, length, length, DIM);
        return causal ? full.withCausalMask() : full;
    }

    private static String name(int length, boolean causal) {
        return length + (causal ? "-causal" : "-full");
    }

    private static BenchCase forward(int length, boolean causal) {
        AttentionForwardProblem problem = new AttentionForwardProblem(geometry(HEADS, length, causal), true);
        AttentionForwardProblem oneHead = new AttentionForwardProblem(geometry(1, length, causal), true);
        return KernelCase.of(name(length, causal), "forward", problem)
                .check(new ReferenceCheck<>(List.of(new ReferenceCheck.Part<>(oneHead, AttentionSuite::lastHead))), TOLERANCE)
                .script("""
                        def run(q, k, v):
                          return torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, %s)
                        """.formatted(causal ? "True" : "False"), "y = Attention <is_causal = %d> (x0, x1, x2)".formatted(causal ? 1 : 0));
    }

    private static BenchCase backward(int length, boolean causal) {
        AttentionBackwardProblem problem = new AttentionBackwardProblem(geometry(HEADS, length, causal));
        AttentionBackwardProblem oneHead = new AttentionBackwardProblem(geometry(1, length, causal));
        // The gradient is a formula of its inputs, whatever they are; this range keeps the probabilities of a row near a sum of 1.
        double usual = Math.log(length) + 0.05;
        return KernelCase.of(name(length, causal), "backward", problem).range("lse", usual, usual + 0.1)
                .check(new ReferenceCheck<>(List.of(new ReferenceCheck.Part<>(oneHead, AttentionSuite::lastHead))), TOLERANCE)
                .script("""
                        def run(dout, q, k, v, o, lse):
                          return torch._scaled_dot_product_flash_attention_for_cpu_backward(dout, q, k, v, o, lse, 0.0, %s)
                        """.formatted(causal ? "True" : "False"));
    }

    /** The last head of each tensor [1, HEADS, …]. */
    private static List<HostTensor> lastHead(List<HostTensor> operands) {
        return operands.stream().map(tensor -> {
            int[] extents = tensor.shape().toArray();
            extents[1] = 1;
            long bytes = tensor.memory().byteSize() / HEADS;
            MemorySegment last = tensor.memory().asSlice((HEADS - 1) * bytes, bytes);
            return HostTensor.of(DType.F32, Shape.of(extents), last);
        }).toList();
    }
}
