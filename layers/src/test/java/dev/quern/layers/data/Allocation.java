package dev.quern.layers.data;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongConsumer;

/** How much of Java's heap work takes once it is compiled. */
final class Allocation {
    private static final int ROUNDS = 200;
    private static final int CALLS = 2_000;

    private Allocation() {
    }

    /**
     * The bytes that this thread allocates a call, in the first round of calls with no more than {@code enough}, or else in the best: that
     * nothing leaves a call is seen by Java's compiler, which comes to it late on a busy machine.
     */
    static long bytesOfACall(LongConsumer call, long enough) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > enough; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (long i = 0; i < CALLS; i++) {
                call.accept(i);
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
