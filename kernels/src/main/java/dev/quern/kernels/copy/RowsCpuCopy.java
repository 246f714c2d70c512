package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.Map;

/** The rung for OpenCL on CPUs: rows of vectors. */
final class RowsCpuCopy implements Variant<CopyProblem> {
    private static final int TILES_PER_CORE = 4;

    @Override
    public String name() {
        return "rows_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item moves a tile of rows in vectors of 64 bytes, padding in the same pass. Where the output is larger than "
                + "a cache, stores pass it by and spare the reading of what they overwrite.";
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.6 : 0.01;
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int size = problem.dtype().bytes();
        long share = Math.ceilDiv(problem.output().elements(), (long) device.computeUnits() * TILES_PER_CORE);
        long perTile = Math.clamp(Math.ceilDiv(share, 64) * 64, 4096, CopyText.TILE_BYTES / size);
        StringBuilder text = new StringBuilder(CopyText.rows());
        text.append("Q_KERNEL Q_REQD_GROUP(1, 1, 1) void copy(").append(CopyText.parameters(problem)).append(") {\n");
        text.append("    const size_t group = Q_GROUP_ID(0);\n");
        long firstTile = 0;
        for (Part part : Part.of(problem)) {
            firstTile += part(text, part, perTile, firstTile);
        }
        text.append("}\n");
        Map<String, Object> defines = new HashMap<>(CopyText.rowDefines(problem.dtype(), problem.cost().bytes()));
        defines.put("FILL", CopyText.fill(problem));
        return KernelPlan.of(new PlannedLaunch("copy", KernelText.of("copy/rows_cpu", Dialect.OPENCL, text.toString())
                .with(defines), "copy", Grid.ofTiles(firstTile), CopyText.references(problem)));
    }

    /** Appends the text of a part; gives its tiles. */
    private static long part(StringBuilder text, Part part, long perTile, long firstTile) {
        long inner = part.inner();
        boolean bordered = part.before() + part.after() > 0;
        long chunk = bordered || inner < perTile ? inner : perTile;
        long chunks = Math.ceilDiv(inner, chunk);
        long rowsPerTile = chunks > 1 ? 1 : Math.max(1, perTile / (part.before() + inner + part.after()));
        long tiles = Math.ceilDiv(part.rows(), rowsPerTile) * chunks;
        String indent = "            ";
        text.append("    if (group >= ").append(firstTile).append("u && group < ").append(firstTile + tiles).append("u) {\n");
        text.append("        const size_t tile = group - ").append(firstTile).append("u;\n");
        text.append("        const size_t row0 = tile / ").append(chunks).append("u * ").append(rowsPerTile).append("u;\n");
        text.append("        const size_t row1 = min(row0 + ").append(rowsPerTile).append("u, (size_t)").append(part.rows())
                .append("u);\n");
        text.append("        const size_t first = tile % ").append(chunks).append("u * ").append(chunk).append("u;\n");
        text.append("        const size_t count = min((size_t)").append(chunk).append("u, ").append(inner).append("u - first);\n");
        text.append("        for (size_t row = row0; row < row1; row++) {\n");
        text.append(CopyText.places(part, "row", indent));
        String target = "y + to + first * " + CopyText.factor(part.innerTarget());
        if (part.before() > 0) {
            text.append(indent).append("fill_run(y + to - ").append(part.before()).append("u, ").append(part.before())
                    .append("u, FILL);\n");
        }
        if (part.input() < 0 && part.innerTarget() == 1) {
            text.append(indent).append("fill_run(").append(target).append(", count, FILL);\n");
        } else if (part.input() < 0) {
            text.append(indent).append("for (size_t i = 0; i < count; i++) {\n").append(indent).append("    y[to + (first + i) * ")
                    .append(CopyText.factor(part.innerTarget())).append("] = FILL;\n").append(indent).append("}\n");
        } else {
            String x = "x" + part.input() + " + from + first * " + CopyText.factor(part.innerSource());
            if (part.innerTarget() == 1 && part.innerSource() == 1) {
                text.append(indent).append("copy_run(").append(target).append(", ").append(x).append(", count);\n");
            } else if (part.innerTarget() == 1 && part.innerSource() == 0) {
                text.append(indent).append("fill_run(").append(target).append(", count, x").append(part.input())
                        .append("[from]);\n");
            } else {
                text.append(indent).append("gather_run(").append(target).append(", ").append(x).append(", count, ")
                        .append(part.innerTarget()).append(", ").append(part.innerSource()).append(");\n");
            }
        }
        if (part.after() > 0) {
            text.append(indent).append("fill_run(y + to + ").append(inner).append("u, ").append(part.after()).append("u, FILL);\n");
        }
        text.append("        }\n    }\n");
        return tiles;
    }
}
