package dev.quern.kernels.pointwise;

/**
 * How a part's rows are dealt out to tiles: several whole rows a tile when rows are short, several tiles a row when they
 * are long.
 *
 * @param rows        how many rows there are
 * @param rowsPerTile rows in a tile; 1 where rows are split
 * @param inner       elements in a row
 * @param innerChunk  elements of a row in a tile
 */
record Tiling(long rows, long rowsPerTile, long inner, long innerChunk) {
    static Tiling of(Loops loops, long elementsPerTile) {
        long inner = loops.inner();
        if (inner >= elementsPerTile) {
            return new Tiling(loops.rows(), 1, inner, elementsPerTile);
        }
        return new Tiling(loops.rows(), Math.max(1, elementsPerTile / inner), inner, inner);
    }

    long chunksPerRow() {
        return Math.ceilDiv(inner, innerChunk);
    }

    long tiles() {
        return Math.ceilDiv(rows, rowsPerTile) * chunksPerRow();
    }
}
