package dev.quern.graph.op;

import dev.quern.graph.json.Written;
import dev.quern.runtime.Argument;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Slice;
import java.util.List;

/**
 * A {@link CustomOp} on certain types, without its code in Java: what a file can hold of it. Its gradient is in the graph already.
 *
 * @param label   what it is called
 * @param inputs  the types that it was used on
 * @param outputs the types that it gave
 * @param kernels its kernels, at most one of each dialect
 */
public record CustomForm(String label, List<TensorType> inputs, List<TensorType> outputs, List<Kernel> kernels) implements Written.Form {
    public CustomForm {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        kernels = List.copyOf(kernels);
    }

    /**
     * A kernel and how it is launched over these types.
     *
     * @param dialect what it is written in
     * @param entry   its name
     * @param text    the program
     * @param grid    groups and their size
     * @param numbers what it gets behind the pointers
     */
    public record Kernel(Dialect dialect, String entry, String text, Grid grid, List<Number> numbers) {
        public Kernel {
            numbers = List.copyOf(numbers);
        }
    }

    /**
     * A number that a kernel gets.
     *
     * @param dtype I32, I64 or F32
     * @param bits  its bits, of the least significant ones as many as it has
     */
    public record Number(DType dtype, long bits) {
        static Number of(Argument argument) {
            return switch (argument) {
                case Argument.I32(int value) -> new Number(DType.I32, value);
                case Argument.I64(long value) -> new Number(DType.I64, value);
                case Argument.F32(float value) -> new Number(DType.F32, Float.floatToRawIntBits(value));
                case Slice slice -> throw new QuernException("gives its kernel memory of its own (" + slice + "), which cannot be written down");
            };
        }

        Argument argument() {
            return switch (dtype) {
                case I32 -> new Argument.I32((int) bits);
                case I64 -> new Argument.I64(bits);
                case F32 -> new Argument.F32(Float.intBitsToFloat((int) bits));
                default -> throw new QuernException("a kernel takes no number of type " + dtype);
            };
        }
    }

    @Override
    public CustomOp restored() {
        return CustomOp.restored(this);
    }
}
