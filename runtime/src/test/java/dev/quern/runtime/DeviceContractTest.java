package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.List;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

import dev.quern.runtime.testing.TestDevices;

/** What every device promises, held on each of them. */
@ParameterizedClass
@MethodSource("dev.quern.runtime.testing.TestDevices#ids")
class DeviceContractTest {
    private final Device device;

    DeviceContractTest(String id) {
        this.device = TestDevices.shared(id);
    }

    @Test
    void runsALaunchOverWhatWasWrittenAndReadsItBack() {
        int count = 1000;
        try (Memory memory = device.allocate(4096 * 2, "numbers"); Staging staging = device.staging(4L * count)) {
            for (int i = 0; i < count; i++) {
                staging.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
            }
            Slice in = memory.slice(0, 4L * count);
            Slice out = memory.slice(4096, 4L * count);
            device.queue().write(staging, in);
            Kernel kernel = device.compile(Kernels.scale(device)).kernel("scale");
            device.queue().runOnce(List.of(new Launch("scale", kernel, Grid.ofTiles(10), List.of(in, out,
                    new Argument.I32(100), new Argument.F32(0.5f), new Argument.I64(7)))), device);
            device.queue().read(out, staging);
            for (int i = 0; i < count; i++) {
                assertThat(staging.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(i * 0.5f + 7);
            }
        }
    }
}
