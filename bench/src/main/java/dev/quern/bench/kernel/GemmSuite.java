package dev.quern.bench.kernel;

import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.gemm.GemmProblem;
import java.util.List;

/**
 * The suite {@code gemm}: row-major C[m,n] = A[m,k] B[k,n] in f32, cases named MxNxK. Squares, what LeNet's layers come to
 * at a batch of 64, and shapes with one short side.
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
                // The dense layers forward, and the first one's weight gradient.
                product(64, 120, 400), product(64, 84, 120), product(64, 10, 84), product(120, 400, 64),
                // The convolutions as products of unfolded images and filters.
                product(50176, 6, 25), product(6400, 16, 150),
                product(2048, 64, 512), product(33, 1999, 257)));
    }

    private static BenchCase product(int m, int n, int k) {
        return KernelCase.of(m + "x" + n + "x" + k, "forward", GemmProblem.of(m, n, k, false, false))
                .check(new GemmCheck(), k > LONG_SUM ? 1e-4 : 1e-5)
                .peerTask(sets -> new PeerTask.Gemm(m, n, k, false, false, sets));
    }
}
