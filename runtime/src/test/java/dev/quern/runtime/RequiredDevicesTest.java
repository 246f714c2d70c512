package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.quern.runtime.testing.ChildJvm;
import dev.quern.runtime.testing.TestDevices;

class RequiredDevicesTest {
    @TempDir
    private Path empty;

    /** Prints how opening a device for a test ends. */
    static final class Main {
        private Main() {
        }

        public static void main(String[] ids) {
            for (String id : ids) {
                try (Device device = TestDevices.fresh(id)) {
                    System.out.println("opened " + device.info().id());
                } catch (RuntimeException | AssertionError e) {
                    System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
                }
            }
        }
    }

    private List<String> withRequired(String required) throws Exception {
        return new ChildJvm(List.of("--enable-native-access=ALL-UNNAMED"),
                Map.of("OCL_ICD_VENDORS", empty.toString(), "QUERN_REQUIRE", required)).run(Main.class, "opencl:0", "host");
    }

    @Test
    void aMissingDeviceThatIsRequiredFailsTheTest() throws Exception {
        List<String> lines = withRequired("opencl");
        assertThat(lines.get(0)).startsWith("AssertionFailedError: QUERN_REQUIRE names this device").contains("apt-get install");
        assertThat(lines.get(1)).isEqualTo("opened host");
    }

    @Test
    void aMissingDeviceThatIsNotRequiredAbortsTheTestWithTheReason() throws Exception {
        List<String> lines = withRequired("");
        assertThat(lines.get(0)).startsWith("TestAbortedException: ").contains("\"opencl:0\" is not there");
        assertThat(lines.get(1)).isEqualTo("opened host");
    }
}
