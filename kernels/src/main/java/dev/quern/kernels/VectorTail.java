package dev.quern.kernels;

/**
 * The text of loads and stores of a vector's first lanes that touch nothing past them: parts of 8, 4, 2 and 1 elements.
 * Kernels use them for what is left over at the end of a row.
 */
public final class VectorTail {
    private static final String LANES = "0123456789abcdef";

    private VectorTail() {
    }

    /**
     * Defines the macros {@code TAIL_LOAD(p, fill)}, a vector of the {@code live} elements at {@code p} with the other lanes
     * set to {@code fill}, and {@code TAIL_STORE(v, p)}, which stores those lanes of {@code v}.
     *
     * @param lanes the vector's width: 4, 8 or 16
     * @param live  how many of them are in memory; 0 gives a load of {@code fill} and a store of nothing
     */
    public static String define(int lanes, int live) {
        if (live < 0 || live >= lanes) {
            throw new IllegalArgumentException("a tail of " + live + " of " + lanes + " lanes");
        }
        StringBuilder load = new StringBuilder();
        StringBuilder store = new StringBuilder();
        int at = 0;
        for (int part = 8; part >= 1; part /= 2) {
            if ((live & part) != 0) {
                String place = at == 0 ? "(p)" : "(p) + " + at;
                load.append(part == 1 ? "(p)[" + at + "]" : "vload" + part + "(0, " + place + ")").append(", ");
                String lane = "(v).s" + LANES.substring(at, at + part);
                store.append(part == 1 ? "(p)[" + at + "] = " + lane + ";" : "vstore" + part + "(" + lane + ", 0, " + place + ");")
                        .append(' ');
                at += part;
            }
        }
        if (at == 0) {
            load.append("fill");
        } else {
            load.append("fill, ".repeat(lanes - at));
            load.setLength(load.length() - 2);
        }
        return "#define TAIL_LOAD(p, fill) ((float" + lanes + ")(" + load + "))\n#define TAIL_STORE(v, p) do { " + store
                + "} while (0)\n";
    }
}
