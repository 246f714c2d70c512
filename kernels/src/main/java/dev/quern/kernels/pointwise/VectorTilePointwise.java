package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.stream.IntStream;

/** The rung for OpenCL on CPUs: one work-item a tile, walked in vectors as wide as the registers. */
final class VectorTilePointwise implements Variant<PointwiseProblem> {
    /** Below this a tile's start costs more than its elements. */
    private static final long LEAST_ELEMENTS_PER_TILE = 4 * 1024;
    private static final long MOST_ELEMENTS_PER_TILE = 64 * 1024;
    /** Where operands are this long, no last-level cache keeps results until they are read. */
    private static final double STREAMED_BYTES = 32 << 20;
    /** Tiles a core, so that a core that is held up loses little. */
    private static final int TILES_PER_CORE = 4;

    @Override
    public String name() {
        return "vector_tile";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item walks a tile of thousands of elements in vectors as wide as the registers, so that a work-item's "
                + "cost on a CPU is paid once a tile and each instruction does sixteen elements.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return problem.supported();
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.1;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = Math.clamp(device.vectorBytes() / Float.BYTES, 4, 16);
        long total = problem.parts().stream().mapToLong(part -> part.shape().elements()).sum();
        long share = Math.ceilDiv(total, (long) device.computeUnits() * TILES_PER_CORE);
        long perTile = Math.clamp(Math.ceilDiv(share, width) * width, LEAST_ELEMENTS_PER_TILE, MOST_ELEMENTS_PER_TILE);
        boolean streamed = streamed(problem, width);
        StringBuilder text = new StringBuilder(PointwiseText.front(problem, 1, width));
        text.append(ElementText.vectorStores(width, streamed));
        if (problem.parts().stream().anyMatch(part -> draws(part, Loops.of(part)))) {
            text.append("#define Q_DRAW_W ").append(width).append('\n').append(KernelResource.text(Draw.class, "random_vector.cl"));
        }
        text.append("Q_KERNEL Q_REQD_GROUP(1, 1, 1) void pointwise(").append(PointwiseText.parameters(problem))
                .append(") {\n    const size_t group = Q_GROUP_ID(0);\n");
        int input = 0;
        int output = 0;
        long firstTile = 0;
        for (Part part : problem.parts()) {
            Loops loops = Loops.of(part);
            Tiling tiling = Tiling.of(loops, perTile);
            part(text, part, loops, tiling, width, firstTile, input, output);
            firstTile += tiling.tiles();
            input += part.inputs().size();
            output += part.results().size();
        }
        text.append("}\n");
        List<Reference> references = IntStream.range(0, input + output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise",
                KernelText.of("pointwise/vector_tile", Dialect.OPENCL, text.toString()), "pointwise",
                Grid.ofTiles(firstTile), references));
    }

    private static void part(StringBuilder text, Part part, Loops loops, Tiling tiling, int width, long firstTile,
            int input, int output) {
        List<String> offsets = PointwiseText.offsetNames(loops);
        text.append("    if (group >= ").append(firstTile).append("u && group < ").append(firstTile + tiling.tiles())
                .append("u) {\n");
        text.append("        const size_t tile = group - ").append(firstTile).append("u;\n");
        text.append("        const size_t row0 = tile / ").append(tiling.chunksPerRow()).append("u * ")
                .append(tiling.rowsPerTile()).append("u;\n");
        text.append("        const size_t row1 = min(row0 + ").append(tiling.rowsPerTile()).append("u, (size_t)")
                .append(tiling.rows()).append("u);\n");
        text.append("        const size_t from = tile % ").append(tiling.chunksPerRow()).append("u * ")
                .append(tiling.innerChunk()).append("u;\n");
        text.append("        const size_t to = min(from + ").append(tiling.innerChunk()).append("u, (size_t)")
                .append(tiling.inner()).append("u);\n");
        text.append(PointwiseText.streams(part, input, "        "));
        text.append("        for (size_t row = row0; row < row1; row++) {\n");
        String indent = "            ";
        text.append(PointwiseText.rowOffsets(loops, "row", indent));
        text.append(indent).append("const size_t oy = row * ").append(loops.inner()).append("u;\n");
        text.append(indent).append("size_t i = from;\n");
        boolean draws = draws(part, loops);
        for (int vectors : draws ? new int[] {4, 1} : new int[] {1}) {
            int step = vectors * width;
            if (loops.inner() >= step) {
                text.append(indent).append("for (; i + ").append(step).append(" <= to; i += ").append(step).append(") {\n");
                String inner = indent + "    ";
                for (int k = 0; k < part.inputs().size(); k++) {
                    if (PointwiseText.drawsVectors(part, loops, k)) {
                        text.append(inner).append("const q_draw_four d").append(k).append(" = q_draw_uniform_vectors(a")
                                .append(input + k).append(", s").append(k).append(", ").append(offsets.get(k)).append(" + i);\n");
                    }
                }
                for (int vector = 0; vector < vectors; vector++) {
                    String ahead = vector == 0 ? "" : " + " + vector * width;
                    text.append(inner).append("{\n");
                    text.append(PointwiseText.positions(part, loops, width, vector, input, output, "(i" + ahead + ")", offsets,
                            "oy + i" + ahead, inner + "    "));
                    text.append(inner).append("}\n");
                }
                text.append(indent).append("}\n");
            }
        }
        text.append(indent).append("for (; i < to; i++) {\n");
        text.append(PointwiseText.positions(part, loops, 1, 0, input, output, "i", offsets, "oy + i", indent + "    "));
        text.append(indent).append("}\n        }\n    }\n");
    }

    private static boolean draws(Part part, Loops loops) {
        return IntStream.range(0, part.inputs().size()).anyMatch(k -> PointwiseText.drawsVectors(part, loops, k));
    }

    /** Whether stores pass the caches by: where no cache could keep the results, and every vector lies on its own multiple. */
    private static boolean streamed(PointwiseProblem problem, int width) {
        double bytes = problem.cost().bytes();
        return bytes >= STREAMED_BYTES && problem.parts().stream().map(Loops::of)
                .allMatch(loops -> loops.depth() == 1 || loops.inner() % width == 0);
    }
}
