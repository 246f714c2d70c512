package dev.quern.kernels.gemm;

/** The text of a load of a vector's first lanes that reads nothing past them: parts of 8, 4, 2 and 1, then zeros. */
final class TailLoad {
    private TailLoad() {
    }

    /** The definition of the macro {@code TAIL_LOAD(p)}; an empty tail is all zeros. */
    static String define(int lanes, int live) {
        StringBuilder text = new StringBuilder("#define TAIL_LOAD(p) ((float" + lanes + ")(");
        int at = 0;
        for (int part = 8; part >= 1; part /= 2) {
            if ((live & part) != 0) {
                text.append(part == 1 ? "(p)[" + at + "]" : "vload" + part + "(0, (p) + " + at + ")").append(", ");
                at += part;
            }
        }
        if (at == 0) {
            return text.append("0.0f))\n").toString();
        }
        text.append("0.0f, ".repeat(lanes - at));
        text.setLength(text.length() - 2);
        return text.append("))\n").toString();
    }
}
