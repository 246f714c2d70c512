package dev.quern.kernels.recurrent;

import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** A launch's operands by name, as the host device's rungs read and write them. */
final class HostTensors {
    private final RecurrentProblem problem;
    private final HostArguments arguments;
    private final Map<String, MemorySegment> memory = new HashMap<>();
    private final int[] lengths;

    HostTensors(RecurrentProblem problem, HostArguments arguments) {
        this.problem = problem;
        this.arguments = arguments;
        this.lengths = problem.geometry().lengths() ? memory("lengths").toArray(ValueLayout.JAVA_INT) : new int[0];
    }

    private MemorySegment memory(String name) {
        return memory.computeIfAbsent(name, operand -> arguments.memory(problem.position(operand)));
    }

    /** Fills an array with the elements from {@code at} on. */
    void load(String name, long at, float[] to) {
        MemorySegment.copy(memory(name), ValueLayout.JAVA_FLOAT, at * Float.BYTES, to, 0, to.length);
    }

    /** Stores an array as the elements from {@code at} on. */
    void store(String name, long at, float[] from) {
        MemorySegment.copy(from, 0, memory(name), ValueLayout.JAVA_FLOAT, at * Float.BYTES, from.length);
    }

    /** Whether step t of a row is within its length. */
    boolean live(int row, int t) {
        return lengths.length == 0 || t < lengths[row];
    }

    /** Adds, for each k, {@code factors[k]} times row k to the sums; four rows at a time, which the JIT vectorises. */
    static void addProducts(float[] sums, float[] factors, float[][] rows) {
        int k = 0;
        for (; k + 4 <= factors.length; k += 4) {
            addFour(sums, factors[k], rows[k], factors[k + 1], rows[k + 1], factors[k + 2], rows[k + 2], factors[k + 3],
                    rows[k + 3]);
        }
        for (; k < factors.length; k++) {
            for (int j = 0; j < sums.length; j++) {
                sums[j] += factors[k] * rows[k][j];
            }
        }
    }

    private static void addFour(float[] sums, float f0, float[] r0, float f1, float[] r1, float f2, float[] r2, float f3,
            float[] r3) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j];
        }
    }
}
