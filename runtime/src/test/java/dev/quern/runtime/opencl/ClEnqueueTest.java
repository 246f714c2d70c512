package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.junit.jupiter.api.Test;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;

class ClEnqueueTest {
    private static final String TEXT = "Q_KERNEL void put(Q_GLOBAL int* y, int value) { y[Q_GLOBAL_ID(0)] = value + Q_GLOBAL_ID(0); }";

    private final ClDevice device = (ClDevice) TestDevices.shared("opencl:0");

    @Test
    void callsTheLoaderItselfWhereOneIsInstalled() {
        assertThat(ClEnqueue.callsTheLoader()).isTrue();
    }

    @Test
    void aPartOfMemoryIsWrittenAndNothingBesideIt() {
        Kernel put = device.compile(KernelText.of("test/put", Dialect.PORTABLE, TEXT)).kernel("put");
        int part = device.info().baseAlignment();
        try (Memory memory = device.allocate(3L * part, "three parts"); Staging staging = device.staging(memory.bytes())) {
            Slice middle = memory.slice(part, part);
            int count = part / Integer.BYTES;
            try (Recording recording = device.record(List.of(
                    new Launch("middle", put, new Grid(count, 1, 1, 1, 1, 1), List.of(middle, new Argument.I32(7)))))) {
                device.queue().run(recording);
                device.queue().read(memory.slice(), staging);
                int[] expected = new int[3 * count];
                Arrays.setAll(expected, i -> i / count == 1 ? 7 + i % count : 0);
                assertThat(staging.memory().toArray(ValueLayout.JAVA_INT)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aRefusalHasTheDriversCode() {
        ClKernel put = (ClKernel) device.compile(KernelText.of("test/put", Dialect.PORTABLE, TEXT)).kernel("put");
        cl_kernel made = CL.clCreateKernel(put.owner().handle(), "put", null);
        cl_command_queue queue = CL.clCreateCommandQueue(device.context(), device.handle(), 0, null);
        try {
            // Arguments are not set.
            ClEnqueue launch = new ClEnqueue(made, new long[] {1}, new long[] {1});
            assertThatExceptionOfType(CLException.class).isThrownBy(() -> launch.on(queue))
                    .satisfies(e -> assertThat(e.getStatus()).isEqualTo(CL.CL_INVALID_KERNEL_ARGS));
        } finally {
            CL.clReleaseKernel(made);
            CL.clReleaseCommandQueue(queue);
        }
    }
}
