package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.copy.CopyProblem.Region;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The rung for rows off the multiples of a vector on CPUs: some at a time are put together in a cache, then stored in whole lines. */
final class StagedRowsCpuCopy implements Variant<CopyProblem> {
    private static final int LANES = 16;
    /** Words of a tile; two of them stay in the first-level cache. */
    private static final int TILE = 4096;
    private static final int LEAST_TILE = 1024;
    private static final int TILES_PER_CORE = 8;

    @Override
    public String name() {
        return "staged_rows_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Some rows, with the fill values around them, are put together in the first-level cache as they lie in the output; while they "
                + "are stored from there in whole lines past the caches, the next ones are put together.";
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.when(problem.dtype().bytes() == 4, "moves words of 4 bytes").and(Support.when(tile(problem).isPresent(),
                "is for a single region of consecutive elements, in rows off the multiples of " + LANES + " and of up to " + TILE));
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        return !device.isCpu() ? 0.01 : CopyText.streamed(problem.dtype(), problem.cost().bytes()) ? 0.8 : 0.3;
    }

    /** Rows that are put together at a time, and from how many places they are stored. */
    private record Tile(int rows, int strands) {
    }

    /** The tile of a problem's rows, if there is one that is a whole number of vectors and small enough. */
    private static Optional<Tile> tile(CopyProblem problem) {
        Shape output = problem.output();
        int last = output.rank() - 1;
        Region region = problem.regions().getFirst();
        if (problem.regions().size() > 1 || last < 0 || region.strides().get(last) != 1
                || region.steps().stream().anyMatch(step -> step != 1) || output.extent(last) % LANES == 0) {
            return Optional.empty();
        }
        int length = output.extent(last);
        return Stream.of(4, 2, 1).map(strands -> {
            int rows = LANES * strands / Math.min(LANES * strands, Integer.lowestOneBit(length));
            return new Tile(rows * Math.ceilDiv(LEAST_TILE, rows * length), strands);
        }).filter(tile -> tile.rows() * (long) length <= TILE).findFirst();
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Tile tile = tile(problem).orElseThrow();
        Region region = problem.regions().getFirst();
        int axis = problem.output().rank() - 1;
        int length = problem.output().extent(axis);
        long rows = problem.output().elements() / length;
        long perItem = Math.clamp(Math.ceilDiv(rows, (long) device.computeUnits() * TILES_PER_CORE * tile.rows()), 1,
                Math.max(1, CopyText.TILE_BYTES / Float.BYTES / (tile.rows() * length)));
        Map<String, Object> defines = new HashMap<>(CopyText.rowDefines(problem.dtype(), problem.cost().bytes()));
        defines.putAll(Map.of("ROWS", rows, "LENGTH", length, "BEFORE", region.starts().get(axis), "COUNT",
                region.extents().extent(axis), "TILE", tile.rows(), "STRANDS", tile.strands(), "TILES", perItem, "STEPS",
                Math.ceilDiv(length, LANES * tile.strands()), "FILL", CopyText.fill(problem)));
        String text = CopyText.rows() + "#define PLACE(row) \\\n" + place(problem.output(), region).replace("\n", " \\\n") + "\n"
                + KernelResource.text(StagedRowsCpuCopy.class, "copy_staged_rows_cpu.cl");
        return KernelPlan.of(new PlannedLaunch("copy", KernelText.of("copy/staged_rows_cpu", Dialect.OPENCL, text).with(defines),
                "copy", Grid.ofTiles(Math.ceilDiv(rows, perItem * tile.rows())), CopyText.references(problem)));
    }

    /** Statements that declare whether a row of the output is in the region, and the input's first element for it. */
    private static String place(Shape output, Region region) {
        StringBuilder text = new StringBuilder();
        StringBuilder inside = new StringBuilder("1");
        StringBuilder from = new StringBuilder(region.offset() + "u");
        String rest = "(row)";
        int axis = output.rank() - 2;
        while (axis >= 0) {
            long extent = output.extent(axis);
            long stride = region.strides().get(axis);
            int outermost = axis;
            if (whole(output, region, axis)) {
                // Neighbouring axes that both sides walk as one.
                while (outermost > 0 && whole(output, region, outermost - 1)
                        && region.strides().get(outermost - 1) == stride * extent) {
                    outermost--;
                    extent *= output.extent(outermost);
                }
            }
            String at = "c" + axis;
            if (outermost > 0) {
                text.append("const size_t q").append(axis).append(" = ").append(rest).append(" / ").append(extent).append("u;\n");
                text.append("const size_t ").append(at).append(" = ").append(rest).append(" - q").append(axis).append(" * ")
                        .append(extent).append("u - ").append(region.starts().get(axis)).append("u;\n");
                rest = "q" + axis;
            } else {
                text.append("const size_t ").append(at).append(" = ").append(rest).append(" - ").append(region.starts().get(axis))
                        .append("u;\n");
            }
            if (!whole(output, region, axis)) {
                inside.append(" && ").append(at).append(" < ").append(region.extents().extent(axis)).append('u');
            }
            from.append(" + ").append(at).append(" * ").append(CopyText.factor(stride));
            axis = outermost - 1;
        }
        return text.append("const int inside = ").append(inside).append(";\nconst size_t from = ").append(from).append(";\n").toString();
    }

    /** Whether the region takes a whole axis of the output. */
    private static boolean whole(Shape output, Region region, int axis) {
        return region.extents().extent(axis) == output.extent(axis);
    }
}
