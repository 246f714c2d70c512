package dev.quern.runtime;

/**
 * The body of a Java kernel: does the work of one group. Groups of a launch run in parallel and in any order, so each
 * writes elements that no other group of the launch writes or reads.
 */
@FunctionalInterface
public interface HostKernel {
    /**
     * Runs one group.
     *
     * @param arguments the arguments as bound
     * @param group     the group's linear number, from 0 to {@link Grid#groups()} - 1
     */
    void run(HostArguments arguments, long group);
}
