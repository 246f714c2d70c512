package dev.quern.kernels.pointwise;

import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The loops of {@link VectorTilePointwise} over a row, from element {@code from} to element {@code to}, whose place in the output is
 * {@code oy}.
 *
 * <p>Where operands are past the caches, a core waits for the few lines that it may ask for at once. A row's share is then walked in
 * several strands side by side, each of which the processor's prefetcher follows by itself, with all loads before the first store (a
 * load behind a store to the same place of another page would wait for it). Lines are asked for ahead besides, so that long arithmetic
 * does not hold up the loads behind it.
 *
 * @param part        the part
 * @param loops       its loops
 * @param width       lanes of a vector
 * @param streamed    whether results are stored past the caches
 * @param share       most elements of a row that one call of the loops gets
 * @param firstInput  the number of its first input among the kernel's
 * @param firstOutput the number of its first output among the kernel's
 */
record VectorLoops(Part part, Loops loops, int width, boolean streamed, long share, int firstInput, int firstOutput) {
    /** A line of the caches, in bytes. */
    private static final int LINE = 64;
    /** How far ahead of its place a strand asks for lines, in bytes: what a core reads while one line is on its way. */
    private static final int AHEAD = 2048;
    /** Below this, a strand ends before the prefetcher has found it. */
    private static final long LEAST_STRAND = 1024;
    /** Vectors that may be live at once, constants and temporaries beside them: half of the registers. */
    private static final int LIVE_VECTORS = 16;
    /** Statements of an expression times the vectors of an iteration: what a compiler takes in its stride. */
    private static final int MOST_STATEMENTS = 64;

    /**
     * How a loop walks.
     *
     * @param strands how many places of the row it goes on from at once
     * @param vectors vectors that follow each other at each of them
     */
    private record Walk(int strands, int vectors) {
    }

    /** Whether vectors of some input are drawn at random, four at once. */
    boolean draws() {
        return IntStream.range(0, part.inputs().size()).anyMatch(this::draws);
    }

    private boolean draws(int input) {
        return PointwiseText.drawsVectors(part, loops, input);
    }

    /** Statements that declare what stays the same over all rows: streams of draws {@code s<k>}, keys of their rounds {@code l<k>}. */
    String head(String indent) {
        StringBuilder text = new StringBuilder(PointwiseText.streams(part, firstInput, indent));
        for (int k = 0; k < part.inputs().size(); k++) {
            if (draws(k)) {
                String key = "(uint)a" + (firstInput + k);
                text.append(indent).append("Q_DRAW_KEYS l").append(k).append("[20];\n").append(indent).append("q_draw_keys(").append(key)
                        .append("[0], ").append(key).append("[1], l").append(k).append(");\n");
            }
        }
        return text.toString();
    }

    /** The statements that walk a row. */
    String text(String indent) {
        StringBuilder text = new StringBuilder(indent).append("size_t i = from;\n");
        Walk wide = wide();
        for (Walk walk : wide.equals(new Walk(1, 1)) ? List.of(wide) : List.of(wide, new Walk(1, 1))) {
            int step = walk.vectors() * width;
            if (loops.inner() < (long) step * walk.strands()) {
                continue;
            }
            if (walk.strands() > 1) {
                text.append(indent).append("const size_t strand = (to - from) / ").append(step * walk.strands()).append("u * ")
                        .append(step).append("u;\n").append(indent).append("for (; i < from + strand; i += ").append(step)
                        .append(") {\n");
            } else {
                text.append(indent).append("for (; i + ").append(step).append(" <= to; i += ").append(step).append(") {\n");
            }
            iteration(text, walk, indent + "    ");
            text.append(indent).append("}\n");
            if (walk.strands() > 1) {
                text.append(indent).append("i += strand * ").append(walk.strands() - 1).append("u;\n");
            }
        }
        text.append(indent).append("for (; i < to; i++) {\n");
        text.append(PointwiseText.positions(part, loops, 1, 0, firstInput, firstOutput, "i", PointwiseText.offsetNames(loops),
                "oy + i", indent + "    "));
        return text.append(indent).append("}\n").toString();
    }

    /** How many vectors of F32 become one of as many bytes in the narrowest type that is stored. */
    static int vectorsOfALine(Part part) {
        return part.types().stream().mapToInt(type -> Float.BYTES / type.bytes()).max().orElseThrow();
    }

    private Walk wide() {
        int vectors = draws() ? 4 : streamed ? vectorsOfALine(part) : 1;
        if (!streamed || draws()) {
            return new Walk(1, vectors);
        }
        ExprText body = body(0);
        part.results().forEach(body::value);
        int reads = (int) IntStream.range(0, part.inputs().size()).filter(this::reads).count();
        for (int strands = 4; strands > 1; strands /= 2) {
            int places = strands * vectors;
            if (share >= LEAST_STRAND * strands && places * Math.max(1, reads) <= LIVE_VECTORS
                    && places * body.statements().size() <= MOST_STATEMENTS) {
                return new Walk(strands, vectors);
            }
        }
        return new Walk(1, vectors);
    }

    /** Whether an input is loaded in whole vectors. */
    private boolean reads(int input) {
        return part.inputs().get(input).draw().isEmpty() && loops.innerStride(input) == 1;
    }

    private static ExprText body(int width, int place) {
        return new ExprText(width, "t" + place + "_", input -> "x" + input + "_" + place);
    }

    private ExprText body(int place) {
        return body(width, place);
    }

    private void iteration(StringBuilder text, Walk walk, String indent) {
        List<String> offsets = PointwiseText.offsetNames(loops);
        int places = walk.strands() * walk.vectors();
        for (int k = 0; k < part.inputs().size(); k++) {
            if (draws(k)) {
                text.append(indent).append("const q_draw_four d").append(k).append(" = ")
                        .append(PointwiseText.fourVectors(part, loops, k, offsets.get(k) + " + i")).append(";\n");
            }
            for (int strand = 0; streamed && strand < walk.strands() && reads(k); strand++) {
                ahead(text, k, offsets.get(k), walk, strand, indent);
            }
        }
        for (int place = 0; place < places; place++) {
            for (int k = 0; k < part.inputs().size(); k++) {
                text.append(indent).append("const float").append(width).append(" x").append(k).append('_').append(place).append(" = ")
                        .append(PointwiseText.load(part, loops, k, "a" + (firstInput + k), offsets.get(k), at(walk, place), width, place))
                        .append(";\n");
            }
        }
        List<List<String>> values = new ArrayList<>();
        for (int place = 0; place < places; place++) {
            ExprText body = body(place);
            List<String> results = new ArrayList<>();
            for (Expr result : part.results()) {
                results.add(body.value(result));
            }
            values.add(results);
            body.statements().forEach(statement -> text.append(indent).append(statement).append('\n'));
            for (int r = 0; r < results.size(); r++) {
                store(text, walk, r, place, values, indent);
            }
        }
    }

    /** A narrow type is stored once its line is whole: at the last of the vectors that share it. */
    private void store(StringBuilder text, Walk walk, int r, int place, List<List<String>> values, String indent) {
        DType type = part.types().get(r);
        int together = Math.min(walk.vectors(), Float.BYTES / type.bytes());
        if ((place + 1) % together != 0) {
            return;
        }
        int first = place + 1 - together;
        text.append(indent).append("q_put").append(together == 1 ? "" : String.valueOf(together)).append('_').append(type).append("(y")
                .append(firstOutput + r).append(" + (oy + ").append(at(walk, first)).append("), ")
                .append(IntStream.rangeClosed(first, place).mapToObj(p -> values.get(p).get(r)).collect(Collectors.joining(", ")))
                .append(");\n");
    }

    /** The position of a vector in the row. */
    private String at(Walk walk, int place) {
        int strand = place / walk.vectors();
        int ahead = place % walk.vectors() * width;
        return String.format(Locale.ROOT, "(i%s%s)", strand == 0 ? "" : " + strand * " + strand + "u",
                ahead == 0 ? "" : " + " + ahead + "u");
    }

    private void ahead(StringBuilder text, int k, String offset, Walk walk, int strand, String indent) {
        Input input = part.inputs().get(k);
        int bytes = input.dtype().bytes();
        for (int line = 0; line < Math.max(1, walk.vectors() * width * bytes / LINE); line++) {
            text.append(indent).append("FETCH(a").append(firstInput + k).append(" + (").append(offset).append(" + ")
                    .append(at(walk, strand * walk.vectors())).append(" + ").append((AHEAD + line * LINE) / bytes).append("u));\n");
        }
    }
}
