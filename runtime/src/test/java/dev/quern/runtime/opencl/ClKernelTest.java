package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;

import org.junit.jupiter.api.Test;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.testing.TestDevices;

class ClKernelTest {
    private final Device device = TestDevices.shared("opencl:0");

    private Kernel kernel(String entry, String text) {
        return device.compile(KernelText.of("test/" + entry, Dialect.PORTABLE, text)).kernel(entry);
    }

    @Test
    void aRequiredGroupSizeIsNotReplacedByAnother() {
        Kernel fixed = kernel("fixed", "Q_KERNEL Q_REQD_GROUP(8, 2, 1) void fixed(Q_GLOBAL int* a) { a[0] = 1; }");
        try (Memory memory = device.allocate(64, "a")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.record(List.of(new Launch("wrong", fixed, Grid.ofTiles(4), List.of(memory.slice())))))
                    .withMessageContaining("groups of 1x1x1").withMessageContaining("compiled for groups of 8x2x1");
            device.record(List.of(new Launch("right", fixed, new Grid(1, 1, 1, 8, 2, 1), List.of(memory.slice())))).close();
        }
    }

    @Test
    void localMemoryAsAnArgumentIsRefusedInWords() {
        Kernel local = kernel("scratch", "Q_KERNEL void scratch(Q_GLOBAL int* a, Q_LOCAL int* s) { s[0] = 1; a[0] = s[0]; }");
        try (Memory memory = device.allocate(64, "a")) {
            assertThatIllegalArgumentException().isThrownBy(() -> device.record(
                    List.of(new Launch("local", local, Grid.ofTiles(1), List.of(memory.slice(), memory.slice())))))
                    .withMessageContaining("local memory cannot be an argument");
        }
    }

    @Test
    void knowsTheVectorWidthThatADevicesNameTells() {
        assertThat(ClPlatforms.vectorBytesOf("pthread-skylake-avx512-Intel(R) Xeon(R)")).isEqualTo(64);
        assertThat(ClPlatforms.vectorBytesOf("cpu-znver4-AMD EPYC")).isEqualTo(64);
        assertThat(ClPlatforms.vectorBytesOf("pthread-icelake-server-Intel")).isEqualTo(64);
        assertThat(ClPlatforms.vectorBytesOf("pthread-haswell-Intel(R) Core(TM)")).isEqualTo(32);
        assertThat(ClPlatforms.vectorBytesOf("pthread-skylake-Intel(R) Core(TM)")).isEqualTo(32);
        assertThat(ClPlatforms.vectorBytesOf("cpu-znver3-AMD Ryzen")).isEqualTo(32);
        assertThat(ClPlatforms.vectorBytesOf("NVIDIA H100")).isZero();
    }
}
