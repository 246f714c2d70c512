package dev.quern.kernels.gemm;

/**
 * The size of a macro tile in panels, chosen so that the cores finish together. A CPU driver gives each core a run of
 * consecutive work-items, so what counts is the longest run.
 *
 * @param rows    panels of a in a tile
 * @param columns panels of b in a tile
 */
record MacroTiles(int rows, int columns) {
    /** Macro tiles a core: enough that a core which is held up loses little, few enough that tiles stay large. */
    private static final int TILES_PER_CORE = 4;
    /** How many more cuts than needed are tried along each side. */
    private static final int CUTS = 12;

    /**
     * Chooses a size.
     *
     * @param panelsM     panels of a
     * @param panelsN     panels of b
     * @param products    how many products
     * @param mostRows    at most so many panels of a in a tile
     * @param mostColumns at most so many panels of b in a tile
     * @param cores       how many cores share the tiles
     */
    static MacroTiles choose(int panelsM, int panelsN, int products, int mostRows, int mostColumns, int cores) {
        int leastM = Math.ceilDiv(panelsM, mostRows);
        int leastN = Math.ceilDiv(panelsN, mostColumns);
        long wanted = Math.min((long) cores * TILES_PER_CORE, (long) panelsM * panelsN * products);
        MacroTiles best = new MacroTiles(1, 1);
        long least = Long.MAX_VALUE;
        for (int cutsM = leastM; cutsM <= Math.min(panelsM, leastM + CUTS); cutsM++) {
            for (int cutsN = leastN; cutsN <= Math.min(panelsN, leastN + CUTS); cutsN++) {
                MacroTiles tiles = new MacroTiles(Math.ceilDiv(panelsM, cutsM), Math.ceilDiv(panelsN, cutsN));
                long count = tiles.count(panelsM, panelsN, products);
                long longest = count > 1024L * cores ? Math.ceilDiv((long) panelsM * panelsN * products, (long) cores)
                        : tiles.longestRun(panelsM, panelsN, products, cores);
                // A tile's panels are loaded once: flat tiles cost more. Too few tiles are the last choice.
                long cost = longest * 1000 + longest * 250 / tiles.rows + longest * 250 / tiles.columns
                        + (count < wanted ? longest * 100 : 0);
                if (cost < least) {
                    least = cost;
                    best = tiles;
                }
            }
        }
        return best;
    }

    /** How many tiles there are. */
    long count(int panelsM, int panelsN, int products) {
        return (long) Math.ceilDiv(panelsM, rows) * Math.ceilDiv(panelsN, columns) * products;
    }

    /** The most panel products that one core gets when each takes an equal run of tiles, rows of tiles first. */
    private long longestRun(int panelsM, int panelsN, int products, int cores) {
        int alongM = Math.ceilDiv(panelsM, rows);
        int alongN = Math.ceilDiv(panelsN, columns);
        int count = alongM * alongN * products;
        long longest = 0;
        for (int core = 0; core < cores; core++) {
            long run = 0;
            for (int tile = (int) ((long) core * count / cores); tile < (int) ((core + 1L) * count / cores); tile++) {
                int row = tile % alongM * rows;
                int column = tile / alongM % alongN * columns;
                run += (long) Math.min(rows, panelsM - row) * Math.min(columns, panelsN - column);
            }
            longest = Math.max(longest, run);
        }
        return longest;
    }
}
