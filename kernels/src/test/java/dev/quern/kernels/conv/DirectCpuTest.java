package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Shape;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectCpuTest {
    @Test
    void tilesAreTheHighestEvenOnesThatFit() {
        for (int p = 1; p <= 120; p++) {
            Conv2dGeometry g = Conv2dGeometry.plain(Shape.of(1, 1, p, 1), Shape.of(1, 1, 1, 1), 0, 0);
            for (int limit = 0; limit <= p; limit++) {
                int most = limit;
                int rows = DirectCpu.tileRows(g, height -> height <= most);
                assertThat(rows).as("%s rows, at most %s a tile", p, limit).isBetween(1, Math.max(1, limit));
                int tiles = Math.ceilDiv(p, rows);
                assertThat(tiles == 1 || limit < 2 || Math.ceilDiv(p, tiles - 1) > limit).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    void blocksFitTheRegisters(int vectorBytes) {
        DeviceInfo device = new DeviceInfo("opencl:0", DeviceKind.CPU, "a processor", "", "", "", 2, 1024, 1 << 16, 1L << 33,
                1L << 31, 128, vectorBytes, new TreeSet<>(Set.of(Dialect.OPENCL)), new TreeSet<>());
        for (int channels = 1; channels < 40; channels++) {
            for (int vectors = 1; vectors < 60; vectors++) {
                DirectCpu.Blocks blocks = DirectCpu.Blocks.best(channels, vectors, device);
                assertThat(blocks.broadcast() * blocks.vectors() + blocks.vectors()).isLessThan(vectorBytes == 64 ? 32 : 8);
                assertThat(blocks.broadcast()).isBetween(1, channels);
                assertThat(blocks.vectors()).isBetween(1, vectors);
            }
        }
    }
}
