package dev.quern.kernels.pointwise;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.expr.BlockExpression;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.DrawBlock;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One part of a pointwise problem on the host device: tiles of rows, rows in blocks that are loaded as floats, evaluated and
 * stored.
 */
final class HostPart {
    private static final long ELEMENTS_PER_TILE = 16 * 1024;

    private final Part part;
    private final Loops loops;
    private final Tiling tiling;
    private final int firstInput;
    private final int firstOutput;
    private final ThreadLocal<Scratch> scratch;

    private record Scratch(BlockExpression.Frame frame, long[] offsets, List<Optional<DrawBlock>> draws) {
    }

    /**
     * A part.
     *
     * @param part        what to compute
     * @param expression  its results
     * @param firstInput  the launch's argument that is its first input
     * @param firstOutput the launch's argument that is its first output
     */
    HostPart(Part part, BlockExpression expression, int firstInput, int firstOutput) {
        this.part = part;
        this.loops = Loops.of(part);
        this.tiling = Tiling.of(loops, ELEMENTS_PER_TILE);
        this.firstInput = firstInput;
        this.firstOutput = firstOutput;
        this.scratch = ThreadLocal.withInitial(() -> new Scratch(expression.frame(), new long[part.inputs().size()],
                part.inputs().stream().map(input -> input.draw().map(DrawBlock::new)).toList()));
    }

    /** The inputs of which one element serves a whole row, so that a block of it need not be filled. */
    static BitSet uniforms(Part part) {
        Loops loops = Loops.of(part);
        BitSet uniforms = new BitSet();
        for (int i = 0; i < part.inputs().size(); i++) {
            uniforms.set(i, isUniform(part.inputs().get(i), loops, i));
        }
        return uniforms;
    }

    private static boolean isUniform(Input input, Loops loops, int index) {
        return input.draw().isEmpty() && loops.innerStride(index) == 0;
    }

    long tiles() {
        return tiling.tiles();
    }

    void run(HostArguments arguments, long tile) {
        Scratch own = scratch.get();
        long firstRow = tile / tiling.chunksPerRow() * tiling.rowsPerTile();
        long lastRow = Math.min(tiling.rows(), firstRow + tiling.rowsPerTile());
        long from = tile % tiling.chunksPerRow() * tiling.innerChunk();
        long to = Math.min(tiling.inner(), from + tiling.innerChunk());
        for (long row = firstRow; row < lastRow; row++) {
            loops.rowOffsets(row, own.offsets);
            for (int k = 0; k < own.offsets.length; k++) {
                Input input = part.inputs().get(k);
                if (isUniform(input, loops, k)) {
                    own.frame.fill(k, element(arguments.memory(firstInput + k), input.dtype(), own.offsets[k]));
                }
            }
            for (long i = from; i < to; i += BlockExpression.BLOCK) {
                block(arguments, own, row, i, (int) Math.min(BlockExpression.BLOCK, to - i));
            }
        }
    }

    private void block(HostArguments arguments, Scratch own, long row, long i, int count) {
        for (int k = 0; k < own.offsets.length; k++) {
            Input input = part.inputs().get(k);
            if (isUniform(input, loops, k)) {
                continue;
            }
            long stride = loops.innerStride(k);
            long first = own.offsets[k] + i * stride;
            MemorySegment memory = arguments.memory(firstInput + k);
            if (own.draws.get(k).isPresent()) {
                own.draws.get(k).get().fill(memory, first, stride, own.frame.input(k), count);
            } else {
                load(memory, input.dtype(), first, stride, own.frame.input(k), count);
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
        if (dtype == DType.F32) {
            for (int i = 0; i < count; i++) {
                block[i] = memory.getAtIndex(ValueLayout.JAVA_FLOAT, first + i * stride);
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            block[i] = element(memory, dtype, first + i * stride);
        }
    }

    private static float element(MemorySegment memory, DType dtype, long index) {
        return switch (dtype) {
            case F32, F16, BF16 -> HostStorage.load(memory, dtype, index);
            case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT, index);
            case U8, BOOL -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, index));
            case F64, I64 -> throw ElementText.refused(dtype);
        };
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
