package dev.quern.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceException;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostKernel;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.testing.TestDevices;

class HostFailureTest {
    private final Device device = TestDevices.shared("host");

    private Launch launch(String label, long groups, HostKernel body) {
        return new Launch(label, device.compile(HostCode.of("test/" + label, "k", body)).kernel("k"), Grid.ofTiles(groups),
                List.of());
    }

    @RepeatedTest(20)
    void everyGroupRunsExactlyOnce() {
        for (int groups : new int[] {1, 2, 3, 17, 1000}) {
            AtomicLongArray runs = new AtomicLongArray(groups);
            Launch launch = launch("count", groups, (arguments, group) -> runs.incrementAndGet((int) group));
            try (Recording recording = device.record(List.of(launch, launch, launch))) {
                device.queue().run(recording);
            }
            for (int group = 0; group < groups; group++) {
                assertThat(runs.get(group)).isEqualTo(3);
            }
        }
    }

    @Test
    void aKernelsExceptionNamesTheLaunchAndTheGroup() {
        Launch bad = launch("conv1: broken", 100, (arguments, group) -> {
            if (group == 41) {
                throw new ArithmeticException("no such number");
            }
        });
        Launch never = launch("never", 1, (arguments, group) -> {
            throw new AssertionError("ran after a failure");
        });
        assertThatThrownBy(() -> device.queue().runOnce(List.of(bad, never), device)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("\"conv1: broken\"").hasMessageContaining("group 41 of 100")
                .hasMessageContaining("no such number").hasCauseInstanceOf(ArithmeticException.class);
        device.queue().runOnce(List.of(launch("fine", 50, (arguments, group) -> { })), device);
    }

    @Test
    void readingAnArgumentAsAnotherTypeSaysWhatWasBound() {
        try (Memory memory = device.allocate(64, "data")) {
            Launch launch = new Launch("confused", device.compile(HostCode.of("test/confused", "k",
                    (arguments, group) -> arguments.f32(0))).kernel("k"), Grid.ofTiles(1), List.of(memory.slice()));
            assertThatThrownBy(() -> device.queue().runOnce(List.of(launch), device))
                    .hasMessageContaining("argument 0 was read as F32, but Slice was bound");
        }
    }

    @Test
    void memoryOutsideASliceCannotBeReached() {
        try (Memory memory = device.allocate(256, "data")) {
            Launch launch = new Launch("outside", device.compile(HostCode.of("test/outside", "k",
                    (arguments, group) -> arguments.memory(0).set(ValueLayout.JAVA_BYTE, 64, (byte) 1))).kernel("k"),
                    Grid.ofTiles(1), List.of(memory.slice(0, 64)));
            assertThatThrownBy(() -> device.queue().runOnce(List.of(launch), device))
                    .hasCauseInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("\"outside\"");
        }
    }
}
