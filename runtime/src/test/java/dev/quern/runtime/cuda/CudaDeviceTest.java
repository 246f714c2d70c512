package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.OutOfDeviceMemoryException;
import dev.quern.runtime.ProgramFile;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What only CUDA devices have. */
@Tag("cuda")
class CudaDeviceTest {
    private static final KernelText ADVANCE = KernelText.of("test/advance", Dialect.PORTABLE, """
            Q_KERNEL void advance(Q_GLOBAL int* data, int number) {
                data[Q_GLOBAL_ID(0)] = data[Q_GLOBAL_ID(0)] * 3 + number;
            }
            """);

    private final Device device = TestDevices.shared("cuda:0");

    private Launch launch(Memory memory, int number) {
        return new Launch("step " + number, device.compile(ADVANCE).kernel("advance"), new Grid(2, 1, 1, 32, 1, 1),
                List.of(memory.slice(), new Argument.I32(number)));
    }

    private int first(Memory memory) {
        try (Staging staging = device.staging(memory.bytes())) {
            device.queue().read(memory.slice(), staging);
            return staging.memory().get(ValueLayout.JAVA_INT, 0);
        }
    }

    @Test
    void isAGpuThatNamesItsCompilerAndItsFeatures() {
        DeviceInfo info = device.info();
        assertThat(info.kind()).isEqualTo(DeviceKind.GPU);
        assertThat(info.dialects()).containsExactly(Dialect.CUDA, Dialect.PORTABLE);
        assertThat(info.platform()).matches("CUDA \\d+\\.\\d+, (NVRTC|nvcc) [\\d.]+");
        assertThat(info.extensions()).contains("sm_50").allMatch(name -> name.matches("sm_\\d+a?"));
    }

    @Test
    void everyRunIsTheSameWhetherAsAListOrAsAGraph() {
        try (Memory memory = device.allocate(256, "data");
                Recording recording = device.record(List.of(launch(memory, 1), launch(memory, 2)))) {
            int expected = 0;
            for (int run = 0; run < 4; run++) {
                device.queue().run(recording);
                expected = (expected * 3 + 1) * 3 + 2;
                assertThat(first(memory)).as("after run %d", run + 1).isEqualTo(expected);
            }
        }
    }

    @Test
    void anyThreadMayUseTheDevice() {
        try (Memory memory = device.allocate(256, "data");
                Recording recording = device.record(List.of(launch(memory, 5)))) {
            CompletableFuture.runAsync(() -> {
                device.queue().run(recording);
                device.queue().finish();
            }).join();
            assertThat(first(memory)).isEqualTo(5);
        }
    }

    @Test
    void refusesGridsPastTheDriversLimits() {
        Kernel advance = device.compile(ADVANCE).kernel("advance");
        try (Memory memory = device.allocate(256, "data")) {
            Launch tall = new Launch("tall", advance, new Grid(1, 70_000, 1, 1, 1, 1), List.of(memory.slice(), new Argument.I32(1)));
            assertThatIllegalArgumentException().isThrownBy(() -> device.record(List.of(tall)))
                    .withMessage("\"tall\": 70000 groups along y; cuda:0 takes at most 65535");
        }
    }

    @Test
    void tellsWhatAKernelTakesAndIsMadeInto() {
        Kernel advance = device.compile(ADVANCE).kernel("advance");
        KernelResources resources = advance.resources(64);
        assertThat(resources.registers().orElseThrow()).isPositive();
        assertThat(resources.localMemory()).hasValue(0);
        assertThat(resources.maxGroup().orElseThrow()).isPositive();
        assertThat(resources.occupancy().orElseThrow()).isBetween(0.01, 1.0);
        List<ProgramFile> files = advance.program().files();
        assertThat(files).extracting(ProgramFile::extension).startsWith("cu", "ptx");
        assertThat(new String(files.getFirst().content())).contains("#line 1 \"test/advance\"").endsWith(ADVANCE.text() + "\n");
    }

    @Test
    void memoryThatRanOutNamesTheLargestAllocations() {
        try (Memory small = device.allocate(1 << 10, "small"); Memory large = device.allocate(1 << 20, "large")) {
            assertThatThrownBy(() -> device.allocate(device.info().globalMemory() - 4096, "huge"))
                    .isInstanceOf(OutOfDeviceMemoryException.class).hasMessageContaining("no memory for \"huge\"")
                    .hasMessageContaining("largest: \"large\" 1.0 MiB, \"small\" 1.0 KiB");
            assertThat(small.bytes() + large.bytes()).isEqualTo((1 << 20) + (1 << 10));
        }
        try (Memory after = device.allocate(64, "after")) {
            assertThat(first(after)).isZero();
        }
    }

    @Test
    void anErrorInAKernelNamesItsLine() {
        assertThatThrownBy(() -> device.compile(KernelText.of("test/broken", Dialect.CUDA, """
                extern "C" __global__ void broken(float* data) {
                    data[0] = undeclared;
                }
                """))).isInstanceOf(KernelCompileException.class)
                .hasMessageStartingWith("program test/broken does not compile for cuda:0: line 2:").hasMessageContaining("undeclared");
    }
}
