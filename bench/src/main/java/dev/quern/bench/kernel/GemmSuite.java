package dev.quern.bench.kernel;

import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.gemm.GemmProblem;
import java.util.List;

/**
 * The suite {@code gemm}: row-major C[m,n] = op(A) op(B) in f32, cases named MxNxK with {@code tn} or {@code nt} behind where an
 * operand is stored transposed. Squares; eight rows of DeepBench, of which those that two cores would need long for are cut down
 * and say so ({@code of-k500000}: one eighth of that k); what LeNet's layers come to at a batch of 64; and the same with B
 * packed beforehand, as inference may have it ({@code packed-b}).
 */
public final class GemmSuite {
    /** Sums longer than this are allowed ten times the error. */
    private static final int LONG_SUM = 1000;

    private GemmSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("gemm", List.of(
                product(512, 512, 512), product(1024, 1024, 1024), product(2048, 2048, 2048),
                // DeepBench, code/kernels/gemm_problems.h.
                product(1760, 16, 1760), product(1760, 128, 1760), product(2560, 64, 2560), product(4096, 16, 4096),
                product("4096x128x4096-tn", GemmProblem.of(4096, 128, 4096, true, false)),
                product(35, 8457, 4096),
                product("512x8x62500-of-k500000", GemmProblem.of(512, 8, 62500, false, false)),
                product("1920x1370x2560-nt-of-7680x5481", GemmProblem.of(1920, 1370, 2560, false, true)),
                // The dense layers forward, and the first one's weight gradient.
                product(64, 120, 400), product(64, 84, 120), product(64, 10, 84), product(120, 400, 64),
                // The convolutions as products of unfolded images and filters.
                product(50176, 6, 25), product(6400, 16, 150),
                product(2048, 64, 512), product(33, 1999, 257),
                packed("512x512x512-packed-b", GemmProblem.of(512, 512, 512, false, false)),
                packed("128x1024x1024-packed-b", GemmProblem.of(128, 1024, 1024, false, false))));
    }

    /** A product of square matrices, which other work may be held against. */
    public static BenchCase square(int n) {
        return product(n, n, n);
    }

    private static BenchCase product(int m, int n, int k) {
        return product(m + "x" + n + "x" + k, GemmProblem.of(m, n, k, false, false));
    }

    private static BenchCase packed(String name, GemmProblem problem) {
        return product(name, problem.placed(problem.a(), problem.b().asConstant(), problem.c()));
    }

    private static BenchCase product(String name, GemmProblem problem) {
        return KernelCase.of(name, "forward", problem)
                .check(new GemmCheck(), problem.k() > LONG_SUM ? 1e-4 : 1e-5)
                .peerTask(sets -> new PeerTask.Gemm(problem.m(), problem.n(), problem.k(), problem.transposeA(),
                        problem.transposeB(), sets));
    }
}
