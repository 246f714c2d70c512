package dev.quern.kernels.pointwise;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostExpression;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.DrawBlock;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The host device's rung: expressions run as lists of plain loops over blocks that stay in the first-level cache. */
final class BlockedPointwise implements Variant<PointwiseProblem> {
    private static final long ELEMENTS_PER_TILE = 16 * 1024;

    @Override
    public String name() {
        return "blocked";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Blocks of " + HostExpression.BLOCK + " elements pass through one plain loop a function. A block stays in the "
                + "first-level cache between functions, and the JIT turns each loop into vector code.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return problem.supported();
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        List<PartKernel> kernels = new ArrayList<>();
        int inputs = problem.parts().stream().mapToInt(part -> part.inputs().size()).sum();
        int input = 0;
        int output = inputs;
        long tile = 0;
        for (Part part : problem.parts()) {
            PartKernel kernel = new PartKernel(part, tile, input, output);
            kernels.add(kernel);
            tile += kernel.tiling.tiles();
            input += part.inputs().size();
            output += part.results().size();
        }
        PartKernel[] parts = kernels.toArray(PartKernel[]::new);
        HostCode code = HostCode.of("pointwise/blocked", "pointwise", (arguments, group) -> {
            int p = parts.length - 1;
            while (parts[p].firstTile > group) {
                p--;
            }
            parts[p].run(arguments, group - parts[p].firstTile);
        });
        List<Reference> references = IntStream.range(0, output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise", code, "pointwise", Grid.ofTiles(tile), references));
    }

    /** One part, compiled. */
    private static final class PartKernel {
        private final Part part;
        private final Loops loops;
        private final Tiling tiling;
        private final long firstTile;
        private final int firstInput;
        private final int firstOutput;
        private final HostExpression expression;
        private final ThreadLocal<Scratch> scratch;

        private record Scratch(HostExpression.Frame frame, long[] offsets, List<Optional<DrawBlock>> draws) {
        }

        PartKernel(Part part, long firstTile, int firstInput, int firstOutput) {
            this.part = part;
            this.loops = Loops.of(part);
            this.tiling = Tiling.of(loops, ELEMENTS_PER_TILE);
            this.firstTile = firstTile;
            this.firstInput = firstInput;
            this.firstOutput = firstOutput;
            this.expression = new HostExpression(part.inputs().size(), part.results());
            this.scratch = ThreadLocal.withInitial(() -> new Scratch(expression.frame(), new long[part.inputs().size()],
                    part.inputs().stream().map(input -> input.draw().map(DrawBlock::new)).toList()));
        }

        void run(HostArguments arguments, long tile) {
            Scratch own = scratch.get();
            long firstRow = tile / tiling.chunksPerRow() * tiling.rowsPerTile();
            long lastRow = Math.min(tiling.rows(), firstRow + tiling.rowsPerTile());
            long from = tile % tiling.chunksPerRow() * tiling.innerChunk();
            long to = Math.min(tiling.inner(), from + tiling.innerChunk());
            for (long row = firstRow; row < lastRow; row++) {
                loops.rowOffsets(row, own.offsets);
                for (long i = from; i < to; i += HostExpression.BLOCK) {
                    block(arguments, own, row, i, (int) Math.min(HostExpression.BLOCK, to - i));
                }
            }
        }

        private void block(HostArguments arguments, Scratch own, long row, long i, int count) {
            for (int k = 0; k < own.offsets.length; k++) {
                long stride = loops.innerStride(k);
                long first = own.offsets[k] + i * stride;
                MemorySegment memory = arguments.memory(firstInput + k);
                if (own.draws.get(k).isPresent()) {
                    own.draws.get(k).get().fill(memory, first, stride, own.frame.input(k), count);
                } else {
                    load(memory, part.inputs().get(k).dtype(), first, stride, own.frame.input(k), count);
                }
            }
            own.frame.evaluate(count);
            for (int r = 0; r < part.results().size(); r++) {
                store(arguments.memory(firstOutput + r), part.types().get(r), row * loops.inner() + i, own.frame.result(r), count);
            }
        }

        private static void load(MemorySegment memory, DType dtype, long first, long stride, float[] block, int count) {
            if (stride == 1 && dtype.floating()) {
                HostStorage.load(memory, dtype, first, block, 0, count);
                return;
            }
            for (int i = 0; i < count; i++) {
                long index = first + i * stride;
                block[i] = switch (dtype) {
                    case F32, F16, BF16 -> HostStorage.load(memory, dtype, index);
                    case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT, index);
                    case U8, BOOL -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, index));
                    case F64, I64 -> throw ElementText.refused(dtype);
                };
            }
        }

        private static void store(MemorySegment memory, DType dtype, long first, float[] block, int count) {
            switch (dtype) {
                case F32, F16, BF16 -> HostStorage.store(memory, dtype, first, block, 0, count);
                case I32 -> {
                    for (int i = 0; i < count; i++) {
                        memory.setAtIndex(ValueLayout.JAVA_INT, first + i, (int) block[i]);
                    }
                }
                case U8 -> {
                    for (int i = 0; i < count; i++) {
                        memory.set(ValueLayout.JAVA_BYTE, first + i, (byte) Math.clamp((int) block[i], 0, 255));
                    }
                }
                case BOOL -> {
                    for (int i = 0; i < count; i++) {
                        memory.set(ValueLayout.JAVA_BYTE, first + i, (byte) (block[i] != 0 ? 1 : 0));
                    }
                }
                case F64, I64 -> throw ElementText.refused(dtype);
            }
        }
    }
}
