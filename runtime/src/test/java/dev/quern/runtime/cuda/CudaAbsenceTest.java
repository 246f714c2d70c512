package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.Devices;
import dev.quern.runtime.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What users read where there is no CUDA device, with small libraries in the place of the driver. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "stand-ins for the driver are made with Linux's cc")
class CudaAbsenceTest {
    private static final String DRIVER = """
            int cuDriverGetVersion(int* version) { *version = VERSION; return 0; }
            int cuInit(unsigned int flags) { return flags == 0 ? STATUS : 1; }
            int cuDeviceGetCount(int* count) { *count = DEVICES; return STATUS; }
            """;

    @TempDir
    private Path folder;

    /** Prints CUDA's absence, what opening gives, and whether JCuda was touched; run in a process of its own. */
    static final class Main {
        private Main() {
        }

        public static void main(String[] arguments) throws IOException {
            CudaDeviceProvider provider = new CudaDeviceProvider();
            System.out.println(provider.list().size() + " devices");
            System.out.println(provider.absence());
            try {
                Devices.open("cuda:0").close();
                System.out.println("opened");
            } catch (DeviceNotFoundException e) {
                System.out.println(e.getMessage());
            }
            System.out.println(Files.readString(Path.of("/proc/self/maps")).contains("JCudaDriver") ? "JCuda loaded" : "JCuda untouched");
        }
    }

    private String absence(Path libraries) throws Exception {
        List<String> lines = new ChildJvm(List.of("--enable-native-access=ALL-UNNAMED", "-Dquern.cuda.nvrtc=" + folder.resolve("none")),
                Map.of("LD_LIBRARY_PATH", libraries.toString(), "PATH", "")).run(Main.class);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("0 devices");
        assertThat(lines.get(1)).startsWith("CUDA: ");
        assertThat(lines.get(2)).isEqualTo("device \"cuda:0\" is not there. " + lines.get(1));
        assertThat(lines.get(3)).isEqualTo("JCuda untouched");
        return lines.get(1);
    }

    /** With a library that answers as a driver of this version whose initialisation gives this status. */
    private String absenceWithDriver(int version, int status, int devices) throws Exception {
        Path source = Files.writeString(folder.resolve("driver.c"), DRIVER);
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-DVERSION=" + version, "-DSTATUS=" + status, "-DDEVICES=" + devices,
                "-Wl,-soname,libcuda.so.1", "-o", folder.resolve("libcuda.so.1").toString(), source.toString()).inheritIO().start();
        assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(compiler.exitValue()).as("exit code of cc").isZero();
        return absence(folder);
    }

    @Test
    void withoutADriverItSaysWhichLibraryIsMissing() throws Exception {
        // Found first, and no library: as on a machine without a driver, even if this one has it.
        Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
        assertThat(absence(folder)).isEqualTo("CUDA: no NVIDIA driver (libcuda.so.1 was not found); install the driver of the GPU");
    }

    @Test
    void aDriverThatIsTooOldIsNamedWithTheOneToInstall() throws Exception {
        assertThat(absenceWithDriver(11_080, 0, 1)).isEqualTo("CUDA: the NVIDIA driver (CUDA 11.8) is too old: Quern needs CUDA 12.4; "
                + "install driver 550 or newer");
    }

    @Test
    void aDriverWithoutADeviceSaysWhereToLook() throws Exception {
        assertThat(absenceWithDriver(12_080, 100, 0)).isEqualTo("CUDA: the NVIDIA driver (CUDA 12.8) finds no device: "
                + "CUDA_ERROR_NO_DEVICE (100), see what `nvidia-smi` lists, and whether CUDA_VISIBLE_DEVICES hides it");
        assertThat(absenceWithDriver(12_080, 0, 0)).contains("finds no device");
    }

    @Test
    void aDeviceThatNothingCompilesForIsNoneAndTheThreeWaysAreNamed() throws Exception {
        assertThat(absenceWithDriver(12_080, 0, 1)).isEqualTo("CUDA: the NVIDIA driver (CUDA 12.8) finds 1 device, but nothing compiles "
                + "kernels: there is no NVRTC (libnvrtc.so.13, libnvrtc.so.12, libnvrtc.so.11.2), no nvcc on the PATH and no PTX in the "
                + "jar; install a CUDA toolkit or its package of NVRTC, or name NVRTC's file with -Dquern.cuda.nvrtc=FILE");
    }

    @Test
    void anotherErrorIsNamed() throws Exception {
        assertThat(absenceWithDriver(13_000, 803, 1)).isEqualTo("CUDA: the NVIDIA driver (CUDA 13.0) does not start: "
                + "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803), the kernel's driver and libcuda are of different versions: restart the machine");
        assertThat(absenceWithDriver(13_000, 4711, 1)).endsWith("does not start: CUDA's error 4711");
    }
}
