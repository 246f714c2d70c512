package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
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
    private static final long STREAMED_BYTES = 32L << 20;
    /** Tiles a core, so that a core that is held up loses little. */
    private static final int TILES_PER_CORE = 4;
    /** Tiles begin at multiples of this, so that a line of the narrowest results is one store. */
    private static final long TILE_STEP = 64;
    private static final String STREAM = "STREAM";

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
    public List<Tunable> tunables() {
        return List.of(new Tunable(STREAM, List.of(0, 1),
                "1 stores results past the caches; where they would not stay there anyway unless said"));
    }

    @Override
    public Parameters parameters(PointwiseProblem problem, DeviceInfo device) {
        return Parameters.none().with(STREAM, PastCaches.are(problem.cost().bytes(), STREAMED_BYTES) && aligned(problem, device) ? 1 : 0);
    }

    @Override
    public Support accepts(Parameters parameters, PointwiseProblem problem, DeviceInfo device) {
        return Support.when(parameters.value(STREAM) == 0 || aligned(problem, device),
                "rows are no multiples of the elements that are stored past the caches at once");
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = width(device);
        long total = problem.parts().stream().mapToLong(part -> part.shape().elements()).sum();
        long share = Math.ceilDiv(total, (long) device.computeUnits() * TILES_PER_CORE);
        long perTile = Math.clamp(Math.ceilDiv(share, TILE_STEP) * TILE_STEP, LEAST_ELEMENTS_PER_TILE, MOST_ELEMENTS_PER_TILE);
        boolean streamed = parameters.value(STREAM) == 1;
        StringBuilder text = new StringBuilder(PointwiseText.front(problem, 1, width));
        text.append(ElementText.vectors(width, streamed));
        int input = 0;
        int output = 0;
        long firstTile = 0;
        boolean draws = false;
        StringBuilder parts = new StringBuilder();
        for (Part part : problem.parts()) {
            Loops loops = Loops.of(part);
            Tiling tiling = Tiling.of(loops, perTile);
            VectorLoops walk = new VectorLoops(part, loops, width, streamed, tiling.innerChunk(), input, output);
            draws |= walk.draws();
            part(parts, walk, tiling, firstTile);
            firstTile += tiling.tiles();
            input += part.inputs().size();
            output += part.results().size();
        }
        if (draws) {
            text.append("#define Q_DRAW_W ").append(width).append('\n').append(KernelResource.text(Draw.class, "random_vector.cl"));
        }
        text.append("Q_KERNEL Q_REQD_GROUP(1, 1, 1) void pointwise(").append(PointwiseText.parameters(problem))
                .append(") {\n    const size_t group = Q_GROUP_ID(0);\n").append(parts).append("}\n");
        List<Reference> references = IntStream.range(0, input + output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise",
                KernelText.of("pointwise/vector_tile", Dialect.OPENCL, text.toString()), "pointwise",
                Grid.ofTiles(firstTile), references));
    }

    private static void part(StringBuilder text, VectorLoops walk, Tiling tiling, long firstTile) {
        Loops loops = walk.loops();
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
        text.append(walk.head("        "));
        text.append("        for (size_t row = row0; row < row1; row++) {\n");
        String indent = "            ";
        text.append(PointwiseText.rowOffsets(loops, "row", indent));
        text.append(indent).append("const size_t oy = row * ").append(loops.inner()).append("u;\n");
        text.append(walk.text(indent)).append("        }\n    }\n");
    }

    /** Whether what is stored at once lies on its own multiple, so that it can be stored past the caches. */
    private static boolean aligned(PointwiseProblem problem, DeviceInfo device) {
        return problem.parts().stream().allMatch(part -> {
            Loops loops = Loops.of(part);
            return loops.depth() == 1 || loops.inner() % ((long) width(device) * VectorLoops.vectorsOfALine(part)) == 0;
        });
    }

    private static int width(DeviceInfo device) {
        return Math.clamp(device.vectorBytes() / Float.BYTES, 4, 16);
    }
}
