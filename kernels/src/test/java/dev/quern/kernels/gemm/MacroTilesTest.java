package dev.quern.kernels.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MacroTilesTest {
    @Test
    void twoCoresFinishALargeProductTogether() {
        MacroTiles tiles = MacroTiles.choose(43, 16, 1, 16, 16, 2);
        int alongM = Math.ceilDiv(43, tiles.rows());
        int alongN = Math.ceilDiv(16, tiles.columns());
        assertThat(alongM * alongN).isBetween(8, 32);
        // Half of the tiles are half of the columns: the cores get the same.
        assertThat(16 % tiles.columns()).isZero();
        assertThat(alongN % 2).isZero();
    }

    @Test
    void tilesStayWithinTheirLimits() {
        MacroTiles tiles = MacroTiles.choose(171, 64, 1, 16, 16, 2);
        assertThat(tiles.rows()).isBetween(1, 16);
        assertThat(tiles.columns()).isBetween(1, 16);
    }

    @Test
    void aSinglePanelIsASingleTile() {
        assertThat(MacroTiles.choose(1, 1, 1, 16, 16, 64)).isEqualTo(new MacroTiles(1, 1));
    }
}
