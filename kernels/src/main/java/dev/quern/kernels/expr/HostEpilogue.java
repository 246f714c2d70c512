package dev.quern.kernels.expr;

import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * An {@link Epilogue} for Java kernels: turns the values of consecutive output elements into what is to be stored.
 * Immutable; safe for use by several threads.
 */
public final class HostEpilogue {
    /** An operand whose elements serve this many output elements each ends a block where the next element begins. */
    private static final int LEAST_RUN = 64;

    private final List<EpilogueOperand> operands;
    private final BitSet uniforms = new BitSet();
    private final int kept;
    private final boolean empty;
    private final ThreadLocal<BlockExpression.Frame> frames;

    public HostEpilogue(Epilogue epilogue) {
        this.operands = epilogue.operands();
        this.kept = epilogue.kept().size();
        this.empty = epilogue.isEmpty();
        for (int k = 0; k < operands.size(); k++) {
            uniforms.set(k + 1, isUniform(operands.get(k)));
        }
        CompiledExpression expression = new CompiledExpression(operands.size() + 1, uniforms, epilogue.results());
        this.frames = ThreadLocal.withInitial(expression::frame);
    }

    private static boolean isUniform(EpilogueOperand operand) {
        return operand.isScalar() || operand.inner() >= LEAST_RUN;
    }

    /** A prologue for Java kernels: values are elements of an operand as they were loaded. */
    public static HostEpilogue of(Prologue prologue) {
        return new HostEpilogue(prologue.asRider());
    }

    /**
     * Applies the epilogue in place, and stores what it keeps besides.
     *
     * @param values    the kernel's values
     * @param from      the first one's position in {@code values}
     * @param count     how many
     * @param element   the first one's position in the output, row-major
     * @param arguments the launch's arguments
     * @param first     the position among them of the epilogue's first operand
     */
    public void apply(float[] values, int from, int count, long element, HostArguments arguments, int first) {
        if (empty) {
            return;
        }
        BlockExpression.Frame frame = frames.get();
        int done = 0;
        while (done < count) {
            int block = block(element + done, Math.min(BlockExpression.BLOCK, count - done));
            System.arraycopy(values, from + done, frame.input(0), 0, block);
            for (int k = 0; k < operands.size(); k++) {
                EpilogueOperand operand = operands.get(k);
                if (uniforms.get(k + 1)) {
                    frame.fill(k + 1, arguments.memory(first + k).getAtIndex(ValueLayout.JAVA_FLOAT, operand.at(element + done)));
                } else {
                    load(operand, arguments.memory(first + k), element + done, frame.input(k + 1), block);
                }
            }
            frame.evaluate(block);
            for (int k = 0; k < kept; k++) {
                MemorySegment.copy(frame.result(k + 1), 0, arguments.memory(first + operands.size() + k), ValueLayout.JAVA_FLOAT,
                        (element + done) * Float.BYTES, block);
            }
            System.arraycopy(frame.result(0), 0, values, from + done, block);
            done += block;
        }
    }

    /** How many elements from this one on, at most {@code most}, share an element of every uniform operand. */
    private int block(long element, int most) {
        long block = most;
        for (int k = uniforms.nextSetBit(0); k >= 0; k = uniforms.nextSetBit(k + 1)) {
            EpilogueOperand operand = operands.get(k - 1);
            if (!operand.isScalar()) {
                block = Math.min(block, operand.inner() - element % operand.inner());
            }
        }
        return (int) block;
    }

    private static void load(EpilogueOperand operand, MemorySegment memory, long element, float[] block, int count) {
        int i = 0;
        while (i < count) {
            long index = (element + i) / operand.inner() % operand.count();
            if (operand.inner() == 1) {
                long length = operand.rows().length();
                int run = (int) Math.min(count - i, Math.min(operand.count() - index, length - index % length));
                MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, operand.rows().at(index) * Float.BYTES, block, i, run);
                i += run;
            } else {
                int run = (int) Math.min(count - i, operand.inner() - (element + i) % operand.inner());
                Arrays.fill(block, i, i + run, memory.getAtIndex(ValueLayout.JAVA_FLOAT, operand.rows().at(index)));
                i += run;
            }
        }
    }
}
