package dev.quern.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Small kernels in every dialect for the tests of devices. */
final class Kernels {
    private Kernels() {
    }

    /** {@code scale(in, out, perGroup, factor, offset)}: {@code out = in * factor + offset}, {@code perGroup} elements a group. */
    static Kernel scale(Device device) {
        return device.compile(isHost(device) ? HostCode.of("test/scale", "scale", Kernels::scaleOnHost)
                : KernelText.of("test/scale", Dialect.PORTABLE, """
                        Q_KERNEL void scale(Q_GLOBAL const float* Q_RESTRICT in, Q_GLOBAL float* Q_RESTRICT out, int per_group,
                                            float factor, Q_LONG offset) {
                            for (int i = 0; i < per_group; i++) {
                                size_t at = Q_GROUP_ID(0) * per_group + i;
                                out[at] = Q_FMA(in[at], factor, (float) offset);
                            }
                        }
                        """)).kernel("scale");
    }

    /** {@code advance(data, number)}: {@code data[group] = data[group] * 3 + number}; the order of launches decides the result. */
    static Kernel advance(Device device) {
        return device.compile(isHost(device) ? HostCode.of("test/advance", "advance", (arguments, group) -> {
            MemorySegment data = arguments.memory(0);
            data.setAtIndex(ValueLayout.JAVA_INT, group,
                    data.getAtIndex(ValueLayout.JAVA_INT, group) * 3 + arguments.i32(1));
        }) : KernelText.of("test/advance", Dialect.PORTABLE, """
                Q_KERNEL void advance(Q_GLOBAL int* data, int number) {
                    data[Q_GLOBAL_ID(0)] = data[Q_GLOBAL_ID(0)] * 3 + number;
                }
                """)).kernel("advance");
    }

    /** {@code put(data, index, value)}: {@code data[index] = value}, wherever that is. */
    static Kernel put(Device device, HostKernel onHost) {
        return device.compile(isHost(device) ? HostCode.of("test/put", "put", onHost)
                : KernelText.of("test/put", Dialect.PORTABLE, """
                        Q_KERNEL void put(Q_GLOBAL int* data, int index, int value) {
                            data[index] = value;
                        }
                        """)).kernel("put");
    }

    static boolean isHost(Device device) {
        return device.info().runs(Dialect.JAVA);
    }

    private static void scaleOnHost(HostArguments arguments, long group) {
        MemorySegment in = arguments.memory(0);
        MemorySegment out = arguments.memory(1);
        int perGroup = arguments.i32(2);
        for (int i = 0; i < perGroup; i++) {
            long at = group * perGroup + i;
            out.setAtIndex(ValueLayout.JAVA_FLOAT, at,
                    Math.fma(in.getAtIndex(ValueLayout.JAVA_FLOAT, at), arguments.f32(3), arguments.i64(4)));
        }
    }
}
