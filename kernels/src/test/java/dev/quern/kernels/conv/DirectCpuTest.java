package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;

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

    @Test
    void blocksFitTheRegisters() {
        for (int channels = 1; channels < 40; channels++) {
            for (int vectors = 1; vectors < 60; vectors++) {
                DirectCpu.Blocks blocks = DirectCpu.Blocks.best(channels, vectors);
                assertThat(blocks.broadcast() * blocks.vectors() + blocks.vectors()).isLessThan(32);
                assertThat(blocks.broadcast()).isLessThanOrEqualTo(channels);
                assertThat(blocks.vectors()).isLessThanOrEqualTo(vectors);
            }
        }
    }
}
