package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.quern.runtime.testing.ChildJvm;

class DevicesTest {
    @TempDir
    private Path empty;

    /** Prints what becomes of each name; run in a process of its own by the tests below. */
    static final class Main {
        private Main() {
        }

        public static void main(String[] names) {
            for (String name : names) {
                try {
                    System.out.println(name + " -> " + Devices.choose(name).line());
                } catch (QuernException e) {
                    System.out.println(name + " -> " + e.getClass().getSimpleName() + ": " + e.getMessage());
                }
            }
        }
    }

    private List<String> withoutDrivers(String... names) throws IOException, InterruptedException {
        return new ChildJvm(List.of("--enable-native-access=ALL-UNNAMED"), Map.of("OCL_ICD_VENDORS", empty.toString(),
                "CUDA_VISIBLE_DEVICES", "-1"))
                .run(Main.class, names);
    }

    @Test
    void withoutDriversTheHostIsChosenAndEveryOtherNameSaysWhatToInstall() throws Exception {
        List<String> lines = withoutDrivers("auto", "opencl", "opencl:0", "host", "cuda:0", "vulkan:0");
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).startsWith("auto -> device host ").contains("built-in Java device").contains("apt-get install");
        assertThat(lines.get(1)).startsWith("opencl -> DeviceNotFoundException: device \"opencl\" is not there")
                .contains("apt-get install pocl-opencl-icd ocl-icd-libopencl1");
        assertThat(lines.get(2)).contains("device \"opencl:0\" is not there").contains("apt-get install");
        assertThat(lines.get(3)).startsWith("host -> device host ");
        assertThat(lines.get(4)).startsWith("cuda:0 -> DeviceNotFoundException: device \"cuda:0\" is not there. CUDA: ");
        assertThat(lines.get(5)).contains("no device \"vulkan:0\": there are host (and auto)");
    }

    @Test
    void withoutNativeAccessItSaysWhichOptionIsMissing() throws Exception {
        List<String> lines = new ChildJvm(List.of("--illegal-native-access=deny"), Map.of()).run(Main.class, "opencl", "opencl", "cuda");
        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line).contains("--enable-native-access=ALL-UNNAMED"));
    }

    @Test
    void theHostIsAlwaysListed() {
        assertThat(Devices.list()).extracting(DeviceInfo::id).contains("host");
    }

    @Test
    void autoGivesAReasonAndADeviceThatIsListed() {
        Devices.Choice choice = Devices.choose("auto");
        assertThat(choice.reason()).startsWith("chosen automatically");
        assertThat(Devices.list()).extracting(DeviceInfo::id).contains(choice.info().id());
        assertThat(choice.line()).isEqualTo("device " + choice.info().id() + " " + choice.info().name() + " (" + choice.reason()
                + ")");
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        for (String name : List.of("", "gpu", "host:1", "opencl:99", "opencl:x", "HOST")) {
            assertThatThrownBy(() -> Devices.open(name)).as(name).isInstanceOf(DeviceNotFoundException.class)
                    .hasMessageContaining("\"" + name + "\"");
        }
        assertThatThrownBy(() -> Devices.open("gpu")).hasMessageContaining("there are").hasMessageContaining("host");
    }
}
