package dev.quern.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    private static double multiplyAdds(List<ConvLayer> layers) {
        return layers.stream().mapToDouble(layer -> layer.flops() / 2 * layer.times()).sum();
    }

    private static long weights(List<ConvLayer> layers) {
        return layers.stream().mapToLong(layer -> (long) layer.k() * layer.c() * layer.r() * layer.s() * layer.times()).sum();
    }

    /** As published, or counted from the published tables, convolutions alone. */
    @Test
    void networksHaveTheWorkAndTheWeightsThatTheyAreKnownFor() {
        assertThat(weights(Networks.resNet50())).isEqualTo(23_454_912);
        assertThat(multiplyAdds(Networks.resNet50())).isCloseTo(4.087e9, within(0.01e9));
        assertThat(weights(Networks.vggA())).isEqualTo(9_217_728);
        assertThat(multiplyAdds(Networks.vggA())).isCloseTo(7.49e9, within(0.02e9));
        assertThat(weights(Networks.alexNet())).isEqualTo(2_468_544);
        assertThat(weights(Networks.googLeNet())).isEqualTo(5_966_272);
        assertThat(multiplyAdds(Networks.googLeNet())).isCloseTo(1.58e9, within(0.03e9));
    }

    @Test
    void everyLayersOutputFeedsANextOne() {
        for (ConvLayer layer : Networks.all()) {
            assertThat(layer.p()).as(layer.toString()).isBetween(7, 224);
        }
        assertThat(DeepBench.conv().getFirst().p()).isEqualTo((161 - 5) / 2 + 1);
        assertThat(DeepBench.conv().getFirst().q()).isEqualTo((700 - 20) / 2 + 1);
    }

    @Test
    void aScaledProductKeepsItsShortSides() {
        DeepBench.Gemm large = new DeepBench.Gemm(512, 8, 500_000, true, false);
        DeepBench.Gemm small = large.scaledTo(1e9);
        assertThat(small).isEqualTo(new DeepBench.Gemm(512, 8, 122_070, true, false));
        assertThat(small.flops()).isLessThanOrEqualTo(1e9);
        assertThat(small.scaledTo(1e9)).isSameAs(small);
    }
}
