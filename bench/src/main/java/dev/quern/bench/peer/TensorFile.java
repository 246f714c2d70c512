package dev.quern.bench.peer;

import dev.quern.runtime.HostTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Tensors one after the other in a file, as parent and child exchange them. Both are on machines of one byte order. */
final class TensorFile {
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TensorFile() {
    }

    /** Writes tensors in their own types. */
    static void writeTensors(Path file, List<HostTensor> tensors) throws IOException {
        long bytes = tensors.stream().mapToLong(tensor -> tensor.memory().byteSize()).sum();
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            long offset = 0;
            for (HostTensor tensor : tensors) {
                MemorySegment.copy(tensor.memory(), 0, all, offset, tensor.memory().byteSize());
                offset += tensor.memory().byteSize();
            }
        }
    }

    /** Reads tensors of known types and shapes. */
    static List<HostTensor> readTensors(Path file, List<PeerInput> inputs) throws IOException {
        List<HostTensor> tensors = new ArrayList<>();
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            long offset = 0;
            for (PeerInput input : inputs) {
                long bytes = input.shape().elements() * input.dtype().bytes();
                tensors.add(HostTensor.of(input.dtype(), input.shape(), all.asSlice(offset, bytes)));
                offset += bytes;
            }
        }
        return tensors;
    }

    /** Writes numbers as 64-bit floating point and returns how many there are of each. */
    static long[] writeNumbers(Path file, List<double[]> all) throws IOException {
        long elements = all.stream().mapToLong(output -> output.length).sum();
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, elements * Double.BYTES, arena);
            long offset = 0;
            for (double[] output : all) {
                MemorySegment.copy(output, 0, memory, DOUBLE, offset, output.length);
                offset += (long) output.length * Double.BYTES;
            }
        }
        return all.stream().mapToLong(output -> output.length).toArray();
    }

    /** Reads numbers as they were written. */
    static List<double[]> readNumbers(Path file, long[] elements) throws IOException {
        List<double[]> outputs = new ArrayList<>();
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            long offset = 0;
            for (long count : elements) {
                outputs.add(memory.asSlice(offset, count * Double.BYTES).toArray(DOUBLE));
                offset += count * Double.BYTES;
            }
        }
        return outputs;
    }
}
