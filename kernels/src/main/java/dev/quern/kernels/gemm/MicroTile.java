package dev.quern.kernels.gemm;

import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The sums that a CPU keeps in vector registers at a time, as {@code gemm_micro_cpu.cl} does it.
 *
 * @param width   lanes of a vector
 * @param lines   lines, each a single value a step
 * @param vectors vectors, side by side
 */
record MicroTile(int width, int lines, int vectors) {
    /** How much slower 12 x 2 is than 8 x 3, with sides that both of them divide. */
    private static final double FLATTER = 1.15;

    /** How many columns the vectors make. */
    int columns() {
        return vectors * width;
    }

    /** The one that covers a product of so many lines and columns soonest. */
    static MicroTile choose(int width, int lines, int columns) {
        if (width < 16) {
            return new MicroTile(width, 4, width == 8 ? 3 : 2);
        }
        MicroTile square = new MicroTile(width, 8, 3);
        MicroTile flat = new MicroTile(width, 12, 2);
        return square.covered(lines, columns) <= FLATTER * flat.covered(lines, columns) ? square : flat;
    }

    /** The same beside a long side, for so few columns. */
    static MicroTile beside(int width, int columns) {
        if (columns <= width) {
            return new MicroTile(width, width == 16 ? 12 : 4, 1);
        }
        if (width < 16) {
            return choose(width, Integer.MAX_VALUE, columns);
        }
        // 8 x 3 is taken where others are no better: it leaves the panel most room in the first-level cache.
        return Stream.of(new MicroTile(width, 8, 3), new MicroTile(width, 6, 4), new MicroTile(width, 12, 2))
                .min(Comparator.comparingDouble(tile -> tile.across(columns) * (tile.lines == 12 ? FLATTER : 1))).orElseThrow();
    }

    private int across(int ofColumns) {
        return Math.ceilDiv(ofColumns, columns()) * columns();
    }

    /** The elements of all micro tiles that cover so many lines and columns. */
    double covered(int ofLines, int ofColumns) {
        return Math.ceil((double) ofLines / lines) * lines * Math.ceil((double) ofColumns / columns()) * columns();
    }
}
