package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;

import dev.quern.runtime.testing.TestDevices;

class MemoryArenaTest {
    @Test
    void placesSlotsInItsBlocks() {
        try (Device device = TestDevices.fresh("host"); MemoryArena arena = MemoryArena.allocate(device, List.of(1024L, 512L), "t")) {
            assertThat(arena.blocks()).isEqualTo(2);
            assertThat(arena.bytes()).isEqualTo(1536);
            assertThat(arena.slice(1, 64, 448).memory().label()).isEqualTo("t block 1");
            assertThatIllegalArgumentException().isThrownBy(() -> arena.slice(1, 64, 449));
            assertThatIllegalArgumentException().isThrownBy(() -> arena.slice(2, 0, 1));
        }
    }

    @Test
    void allocatesAllBlocksOrNone() {
        try (Device device = TestDevices.fresh("host")) {
            long tooMuch = device.info().maxAllocation() + 1;
            assertThatThrownBy(() -> MemoryArena.allocate(device, List.of(1024L, tooMuch), "t"))
                    .isInstanceOf(OutOfDeviceMemoryException.class);
            assertThat(device.statistics().liveBytes()).isZero();
        }
    }
}
