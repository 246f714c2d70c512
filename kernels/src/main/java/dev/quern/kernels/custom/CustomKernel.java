package dev.quern.kernels.custom;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;

/**
 * A user's kernel for certain shapes. It gets a pointer for each input, then one for each output, then the numbers.
 *
 * @param text    the program
 * @param entry   the kernel in it
 * @param grid    the groups and their size
 * @param numbers what follows the pointers; no slices
 */
public record CustomKernel(KernelText text, String entry, Grid grid, List<Argument> numbers) {
    public CustomKernel {
        numbers = List.copyOf(numbers);
    }
}
