package dev.quern.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Small kernels in every dialect for the tests of devices. */
final class Kernels {
    private Kernels() {
    }

    /** {@code scale(in, out, perGroup, factor, offset)}: {@code out = in * factor + offset}, {@code perGroup} elements a group. */
    static ProgramSource scale(Device device) {
        if (device.info().runs(Dialect.JAVA)) {
            return HostCode.of("test/scale", "scale", Kernels::scaleOnHost);
        }
        return KernelText.of("test/scale", Dialect.PORTABLE, """
                Q_KERNEL void scale(Q_GLOBAL const float* Q_RESTRICT in, Q_GLOBAL float* Q_RESTRICT out, int per_group,
                                    float factor, Q_LONG offset) {
                    for (int i = 0; i < per_group; i++) {
                        size_t at = Q_GROUP_ID(0) * per_group + i;
                        out[at] = Q_FMA(in[at], factor, (float) offset);
                    }
                }
                """);
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
