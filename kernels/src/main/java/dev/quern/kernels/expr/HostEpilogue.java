package dev.quern.kernels.expr;

import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * An {@link Epilogue} for Java kernels: turns the values of consecutive output elements into what is to be stored.
 * Immutable; safe for use by several threads.
 */
public final class HostEpilogue {
    private final List<EpilogueOperand> operands;
    private final HostExpression expression;
    private final boolean empty;
    private final ThreadLocal<HostExpression.Frame> frames;

    public HostEpilogue(Epilogue epilogue) {
        this.operands = epilogue.operands();
        this.empty = epilogue.isEmpty();
        this.expression = new HostExpression(operands.size() + 1, List.of(epilogue.expression()));
        this.frames = ThreadLocal.withInitial(expression::frame);
    }

    /** A prologue for Java kernels: values are elements of an operand as they were loaded. */
    public static HostEpilogue of(Prologue prologue) {
        return new HostEpilogue(prologue.asRider());
    }

    /**
     * Applies the epilogue in place.
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
        HostExpression.Frame frame = frames.get();
        for (int done = 0; done < count; done += HostExpression.BLOCK) {
            int block = Math.min(HostExpression.BLOCK, count - done);
            System.arraycopy(values, from + done, frame.input(0), 0, block);
            for (int k = 0; k < operands.size(); k++) {
                load(operands.get(k), arguments.memory(first + k), element + done, frame.input(k + 1), block);
            }
            frame.evaluate(block);
            System.arraycopy(frame.result(0), 0, values, from + done, block);
        }
    }

    private static void load(EpilogueOperand operand, MemorySegment memory, long element, float[] block, int count) {
        int i = 0;
        while (i < count) {
            long index = (element + i) / operand.inner() % operand.count();
            if (operand.inner() == 1) {
                int run = (int) Math.min(count - i, operand.count() - index);
                MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, index * Float.BYTES, block, i, run);
                i += run;
            } else {
                int run = (int) Math.min(count - i, operand.inner() - (element + i) % operand.inner());
                java.util.Arrays.fill(block, i, i + run, memory.getAtIndex(ValueLayout.JAVA_FLOAT, index));
                i += run;
            }
        }
    }
}
