package dev.quern.bench.ceiling;

import dev.quern.kernels.KernelResource;
import dev.quern.runtime.Argument;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.ProgramSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The kernels that are tried for each ceiling of a device; the fastest of them is the ceiling. */
final class CeilingKernels {
    private static final int GPU_GROUP = 256;
    private static final int GPU_STEPS = 16;
    /** Chains of multiply-adds in the kernels' texts. */
    private static final int CPU_CHAINS = 12;
    private static final int GPU_CHAINS = 8;
    private static final int ROUNDS = 50_000;
    /** Floats that a host group multiplies again and again; they stay in its first-level cache. */
    private static final int HOST_FLOATS = 1024;
    private static final int HOST_ROUNDS = 4000;
    private static final Argument.F32 FACTOR = new Argument.F32(0.999f);
    private static final Argument.F32 ADDEND = new Argument.F32(0.001f);

    private final DeviceInfo device;
    private final long bytes;

    /**
     * The kernels for a device.
     *
     * @param bytes the length of the memory that is copied or read; a power of two of at least 1 MiB
     */
    CeilingKernels(DeviceInfo device, long bytes) {
        this.device = device;
        this.bytes = bytes;
    }

    /** Which memories a kernel gets before its numbers. */
    enum Memories { SOURCE_AND_TARGET, SOURCE_AND_SUMS, SUMS }

    /**
     * One kernel to try.
     *
     * @param name    told beside the ceiling
     * @param work    bytes or operations of one launch
     * @param numbers what it gets after its memories
     */
    record Trial(String name, ProgramSource source, String entry, Grid grid, Memories memories, List<Argument> numbers,
            double work) {
    }

    List<Trial> copies() {
        List<Trial> trials = new ArrayList<>();
        if (device.runs(Dialect.OPENCL) && device.isCpu()) {
            for (int kind = 0; kind < 3; kind++) {
                int stream = kind < 2 ? 1 : 0;
                int strands = kind == 0 ? 4 : 1;
                for (long block : blocks()) {
                    trials.add(new Trial((stream == 1 ? "streaming stores, " : "plain stores, ") + kib(block, strands),
                            cpu(block, stream, strands), "copy", Grid.ofTiles(bytes / block), Memories.SOURCE_AND_TARGET, List.of(), 2.0 * bytes));
                }
            }
        } else if (device.runs(Dialect.PORTABLE)) {
            trials.add(new Trial("an element a work-item", gpu(), "copy", gpuGrid(), Memories.SOURCE_AND_TARGET, List.of(),
                    2.0 * bytes));
        }
        if (device.runs(Dialect.JAVA)) {
            for (long block : blocks()) {
                trials.add(new Trial("MemorySegment.copy, " + kib(block), HostCode.of("ceiling/copy", "copy", (arguments, group) ->
                        MemorySegment.copy(arguments.memory(0), group * block, arguments.memory(1), group * block, block)), "copy",
                        Grid.ofTiles(bytes / block), Memories.SOURCE_AND_TARGET, List.of(), 2.0 * bytes));
            }
        }
        return trials;
    }

    List<Trial> reads() {
        List<Trial> trials = new ArrayList<>();
        if (device.runs(Dialect.OPENCL) && device.isCpu()) {
            for (int strands : List.of(4, 1)) {
                for (long block : blocks()) {
                    trials.add(new Trial("eight sums, " + kib(block, strands), cpu(block, 0, strands), "read",
                            Grid.ofTiles(bytes / block), Memories.SOURCE_AND_SUMS, List.of(), bytes));
                }
            }
        } else if (device.runs(Dialect.PORTABLE)) {
            trials.add(new Trial("a sum a work-item", gpu(), "read", gpuGrid(), Memories.SOURCE_AND_SUMS, List.of(), bytes));
        }
        if (device.runs(Dialect.JAVA)) {
            for (long block : blocks()) {
                trials.add(new Trial("integer sums, " + kib(block), HostCode.of("ceiling/read", "read", (arguments, group) ->
                        sum(arguments, group, block)), "read", Grid.ofTiles(bytes / block), Memories.SOURCE_AND_SUMS, List.of(),
                        bytes));
            }
        }
        return trials;
    }

    List<Trial> multiplications() {
        List<Trial> trials = new ArrayList<>();
        long groups = device.computeUnits() * 8L;
        int lanes = lanes();
        if (device.runs(Dialect.OPENCL) && device.isCpu()) {
            trials.add(new Trial(CPU_CHAINS + " chains of " + lanes + " lanes", cpu(blocks().getFirst(), 0, 1), "multiply",
                    Grid.ofTiles(groups), Memories.SUMS, List.of(new Argument.I32(ROUNDS), FACTOR, ADDEND),
                    2.0 * CPU_CHAINS * lanes * ROUNDS * groups));
        } else if (device.runs(Dialect.PORTABLE)) {
            Grid grid = new Grid(groups * 4, 1, 1, GPU_GROUP, 1, 1);
            int rounds = ROUNDS / 10;
            trials.add(new Trial(GPU_CHAINS + " chains a work-item", gpu(), "multiply", grid, Memories.SUMS,
                    List.of(new Argument.I32(rounds), FACTOR, ADDEND), 2.0 * GPU_CHAINS * rounds * grid.groups() * grid.local()));
        }
        if (device.runs(Dialect.JAVA)) {
            trials.add(new Trial("arrays in the first-level cache", HostCode.of("ceiling/multiply", "multiply",
                    CeilingKernels::multiply), "multiply", Grid.ofTiles(groups), Memories.SUMS, List.of(FACTOR, ADDEND),
                    2.0 * HOST_FLOATS * HOST_ROUNDS * groups));
        }
        return trials;
    }

    private int lanes() {
        return Math.clamp(device.vectorBytes() / Float.BYTES, 4, 16);
    }

    /** Small blocks balance the cores, large ones suit the prefetchers; which wins differs from machine to machine. */
    private List<Long> blocks() {
        return List.of(64L << 10, 256L << 10, 1L << 20);
    }

    private static String kib(long block) {
        return (block >> 10) + " KiB a work-group";
    }

    private static String kib(long block, int strands) {
        return kib(block) + (strands == 1 ? "" : " in " + strands + " strands");
    }

    private KernelText cpu(long block, int stream, int strands) {
        return KernelResource.load(CeilingKernels.class, "ceiling_cpu.cl", "ceiling/cpu", Dialect.OPENCL).with(Map.of(
                "W", lanes(), "BLOCK", block / Float.BYTES / lanes(), "STREAM", stream, "STRANDS", strands));
    }

    private KernelText gpu() {
        return KernelResource.load(CeilingKernels.class, "ceiling_gpu.cl", "ceiling/gpu", Dialect.PORTABLE)
                .with(Map.of("STEPS", GPU_STEPS));
    }

    private Grid gpuGrid() {
        return Grid.covering(bytes / Float.BYTES / GPU_STEPS, GPU_GROUP);
    }

    /** Integers, whose sums need not keep an order, in four chains. */
    private static void sum(HostArguments arguments, long group, long block) {
        MemorySegment source = arguments.memory(0).asSlice(group * block, block);
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = 0; i < (int) (block / Long.BYTES); i += 4) {
            a += source.getAtIndex(ValueLayout.JAVA_LONG, i);
            b += source.getAtIndex(ValueLayout.JAVA_LONG, i + 1);
            c += source.getAtIndex(ValueLayout.JAVA_LONG, i + 2);
            d += source.getAtIndex(ValueLayout.JAVA_LONG, i + 3);
        }
        arguments.memory(1).setAtIndex(ValueLayout.JAVA_LONG, group, a + b + c + d);
    }

    private static void multiply(HostArguments arguments, long group) {
        float factor = arguments.f32(1);
        float addend = arguments.f32(2);
        float[] values = new float[HOST_FLOATS];
        for (int round = 0; round < HOST_ROUNDS; round++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.fma(values[i], factor, addend);
            }
        }
        arguments.memory(0).setAtIndex(ValueLayout.JAVA_FLOAT, group, values[(int) (group % HOST_FLOATS)]);
    }
}
