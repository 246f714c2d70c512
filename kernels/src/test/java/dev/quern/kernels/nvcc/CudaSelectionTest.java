package dev.quern.kernels.nvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormProblem;
import dev.quern.kernels.normalize.GroupNormProblem;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.softmax.CrossEntropyProblem;
import dev.quern.kernels.softmax.SoftmaxProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;

/** What the heuristic chooses on an H100; it asks the device's description alone. */
class CudaSelectionTest {
    private final Selector selector = new Selector(Families.load(), CudaTarget.ALL.getLast().device(), Pins.none());

    private <P extends Problem> Choice<P> choice(P problem) {
        return selector.choose("node", problem, Epilogue.none());
    }

    private <P extends Problem> String chosen(P problem) {
        return choice(problem).variant().name();
    }

    @Test
    void productsTakeTilesThatFillTheDevice() {
        assertThat(chosen(GemmProblem.of(4096, 4096, 4096, false, false))).isEqualTo("register_tiled_cuda");
        assertThat(choice(GemmProblem.of(4096, 4096, 4096, false, false)).parameters().values())
                .containsEntry("PER_ITEM", 8).containsEntry("SLICES", 1);
        Parameters longSums = choice(GemmProblem.of(64, 48, 20_000, true, false)).parameters();
        assertThat(longSums.value("SLICES")).isGreaterThan(8);
        assertThat(chosen(GemmProblem.of(64, 10, 84, false, true))).isEqualTo("tiled_cuda");
        assertThat(chosen(GemmProblem.of(1, 4096, 400, false, false))).isEqualTo("tiled_cuda");
        assertThat(chosen(GemmProblem.of(512, 120, 400, false, true))).isEqualTo("register_tiled_cuda");
    }

    @Test
    void rowsMeetThroughShuffles() {
        assertThat(chosen(new SoftmaxProblem(64, 10, 1, true))).isEqualTo("warp_shuffles");
        assertThat(chosen(new SoftmaxProblem(8, 64, 196, true))).isEqualTo("row_per_item");
        assertThat(chosen(new CrossEntropyProblem(4096, 50_257, 0, true))).isEqualTo("warp_shuffles");
        assertThat(chosen(GroupNormProblem.layerNorm(8192, 1024, 1e-5f))).isEqualTo("warp_shuffles");
        assertThat(chosen(ReduceProblem.of(ReduceOp.SUM, Shape.of(1 << 24), 0))).isEqualTo("warp_shuffles");
        assertThat(chosen(new BatchNormProblem(DType.F32, 32, 64, 3136, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true)))
                .isEqualTo("sliced_channels");
        assertThat(chosen(new BatchNormProblem(DType.F32, 32, 6, 100, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true)))
                .isEqualTo("group_tree");
    }
}
