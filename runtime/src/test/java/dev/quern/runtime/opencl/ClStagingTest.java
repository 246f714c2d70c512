package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.junit.jupiter.api.Test;

import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.testing.TestDevices;

class ClStagingTest {
    private final ClDevice device = (ClDevice) TestDevices.shared("opencl:0");

    private void copiesThrough(ClStaging staging, long bytes) {
        try (staging; Memory memory = device.allocate(bytes, "copied")) {
            Slice all = memory.slice();
            for (long at = 0; at + 8 <= bytes; at += 4096) {
                staging.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, at, at * 31);
            }
            staging.memory().set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 77);
            device.queue().write(staging, all);
            staging.await();
            staging.memory().fill((byte) 0);
            device.queue().read(all, staging);
            for (long at = 0; at + 8 < bytes; at += 4096) {
                if (staging.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, at) != at * 31) {
                    assertThat(staging.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, at)).as("at %s", at).isEqualTo(at * 31);
                }
            }
            assertThat(staging.memory().get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) 77);
        }
    }

    @Test
    void pinnedMemoryCopiesLikeDirectMemory() {
        copiesThrough(ClStaging.pinned(device, 100_003), 100_003);
        copiesThrough(ClStaging.direct(device, 100_003), 100_003);
    }

    @Test
    void pinnedMemoryIsZeroWhenNew() {
        try (ClStaging staging = ClStaging.pinned(device, 1000)) {
            assertThat(staging.memory().toArray(ValueLayout.JAVA_BYTE)).hasSize(1000).containsOnly(0);
        }
    }

    @Test
    void pinnedMemoryCannotBeReachedAfterItWasReleased() {
        ClStaging staging = ClStaging.pinned(device, 1000);
        MemorySegment memory = staging.memory();
        staging.close();
        assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void copiesLongerThanOneDriverCallTakesArriveWhole() {
        long bytes = ClStaging.CHUNK + 12_345;
        assumeTrue(device.info().maxAllocation() >= bytes, "the device's largest allocation is smaller than a copy's chunk");
        copiesThrough(ClStaging.direct(device, bytes), bytes);
    }
}
