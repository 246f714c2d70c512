package dev.quern.runtime;

import java.util.List;

/**
 * One kernel launch with everything it needs.
 *
 * @param label     what the launch does, shown in traces and errors, for example {@code conv1: conv2d forward}
 * @param kernel    the kernel
 * @param grid      the groups and their size
 * @param arguments the arguments in the kernel's order
 */
public record Launch(String label, Kernel kernel, Grid grid, List<Argument> arguments) {
    public Launch {
        arguments = List.copyOf(arguments);
    }
}
