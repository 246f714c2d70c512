package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/** The host device's rung: row by row, in one piece where both sides are contiguous. */
final class HostCopy implements Variant<CopyProblem> {
    private static final long ELEMENTS_PER_TILE = 16 * 1024;

    @Override
    public String name() {
        return "rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Rows that are contiguous on both sides are copied in one piece, others in a plain loop; tiles of rows run in parallel.";
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        List<Part> parts = Part.of(problem);
        long[] firstTiles = new long[parts.size() + 1];
        for (int p = 0; p < parts.size(); p++) {
            firstTiles[p + 1] = firstTiles[p] + Math.ceilDiv(parts.get(p).rows(), rowsPerTile(parts.get(p)));
        }
        HostTensor value = HostTensor.zeros(problem.dtype(), Shape.of(1));
        value.set(0, problem.fill());
        MemorySegment fill = value.memory();
        int size = problem.dtype().bytes();
        int output = problem.inputs().size();
        HostCode code = HostCode.of("copy/rows", "copy", (arguments, group) -> {
            int p = 0;
            while (firstTiles[p + 1] <= group) {
                p++;
            }
            Part part = parts.get(p);
            long firstRow = (group - firstTiles[p]) * rowsPerTile(part);
            for (long row = firstRow; row < Math.min(part.rows(), firstRow + rowsPerTile(part)); row++) {
                row(part, row, arguments, output, size, fill);
            }
        });
        return KernelPlan.of(new PlannedLaunch("copy", code, "copy", Grid.ofTiles(firstTiles[parts.size()]),
                IntStream.rangeClosed(0, output).mapToObj(Reference::operand).toList()));
    }

    private static long rowsPerTile(Part part) {
        return Math.max(1, ELEMENTS_PER_TILE / (part.before() + part.inner() + part.after()));
    }

    private static void row(Part part, long row, HostArguments arguments, int output, int size, MemorySegment fill) {
        MemorySegment y = arguments.memory(output);
        long to = part.offset(part.target(), part.at(), row);
        spread(fill, 0, 0, y, to - part.before(), 1, part.before(), size);
        if (part.input() < 0) {
            spread(fill, 0, 0, y, to, part.innerTarget(), part.inner(), size);
        } else {
            MemorySegment x = arguments.memory(part.input());
            long from = part.offset(part.source(), part.from(), row);
            if (part.innerSource() == 1 && part.innerTarget() == 1) {
                MemorySegment.copy(x, from * size, y, to * size, part.inner() * size);
            } else {
                spread(x, from, part.innerSource(), y, to, part.innerTarget(), part.inner(), size);
            }
        }
        spread(fill, 0, 0, y, to + part.inner(), 1, part.after(), size);
    }

    private static void spread(MemorySegment x, long from, long source, MemorySegment y, long to, long target, long count,
            int size) {
        switch (size) {
            case 1 -> {
                for (long i = 0; i < count; i++) {
                    y.set(ValueLayout.JAVA_BYTE, to + i * target, x.get(ValueLayout.JAVA_BYTE, from + i * source));
                }
            }
            case 2 -> {
                for (long i = 0; i < count; i++) {
                    y.setAtIndex(ValueLayout.JAVA_SHORT, to + i * target, x.getAtIndex(ValueLayout.JAVA_SHORT, from + i * source));
                }
            }
            case 4 -> {
                for (long i = 0; i < count; i++) {
                    y.setAtIndex(ValueLayout.JAVA_INT, to + i * target, x.getAtIndex(ValueLayout.JAVA_INT, from + i * source));
                }
            }
            default -> {
                for (long i = 0; i < count; i++) {
                    y.setAtIndex(ValueLayout.JAVA_LONG, to + i * target, x.getAtIndex(ValueLayout.JAVA_LONG, from + i * source));
                }
            }
        }
    }
}
