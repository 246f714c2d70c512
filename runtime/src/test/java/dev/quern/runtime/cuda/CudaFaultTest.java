package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.ChildJvm;
import dev.quern.runtime.testing.TestDevices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A kernel that writes outside of its memory, in a process of its own because it takes the device's context with it. */
@Tag("cuda")
class CudaFaultTest {
    /** Prints what each call after the fault says. */
    static final class Main {
        /** An address that nothing lies at on any system. */
        private static final long NOWHERE = 64;

        private Main() {
        }

        public static void main(String[] arguments) {
            Device device = Devices.open("cuda:0");
            Memory memory = device.allocate(4096, "data");
            Staging staging = device.staging(4096);
            KernelText text = KernelText.of("test/put", Dialect.PORTABLE, """
                    Q_KERNEL void put(Q_GLOBAL int* data, Q_LONG elsewhere, int value) {
                        Q_GLOBAL int* place = elsewhere == 0 ? data : (Q_GLOBAL int*) elsewhere;
                        place[0] = value;
                    }
                    """);
            Recording recording = device.record(List.of(launch(device, text, memory, "good", 0),
                    launch(device, text, memory, "bad", NOWHERE), launch(device, text, memory, "after", 0)));
            say("run", () -> device.queue().run(recording));
            say("finish", () -> device.queue().finish());
            say("read", () -> device.queue().read(memory.slice(), staging));
            say("allocate", () -> device.allocate(64, "more").close());
            say("run", () -> device.queue().run(recording));
            say("release", () -> {
                recording.close();
                staging.close();
                memory.close();
            });
            say("statistics", () -> System.out.println("live " + device.statistics().liveBytes()));
            say("close", device::close);
            say("closed", () -> device.queue());
        }

        private static Launch launch(Device device, KernelText text, Memory memory, String label, long place) {
            return new Launch(label, device.compile(text).kernel("put"), Grid.ofTiles(1),
                    List.of(memory.slice(), new Argument.I64(place), new Argument.I32(7)));
        }

        private static void say(String what, Runnable call) {
            try {
                call.run();
                System.out.println(what + ": fine");
            } catch (QuernException | IllegalStateException e) {
                System.out.println(what + ": " + e.getMessage());
            }
        }
    }

    private static List<String> lines(Map<String, String> environment) throws Exception {
        TestDevices.shared("cuda:0");
        return new ChildJvm(List.of("--enable-native-access=ALL-UNNAMED"), environment).run(Main.class);
    }

    private static Optional<String> line(List<String> lines, String what) {
        return lines.stream().filter(line -> line.startsWith(what + ": ")).findFirst().map(line -> line.substring(what.length() + 2));
    }

    @Test
    void everyCallAfterAFaultSaysWhatFailedAndTheDeviceStillCloses() throws Exception {
        List<String> lines = lines(Map.of());
        String fault = line(lines, "finish").orElseThrow();
        assertThat(fault).startsWith("cuda:0 failed in one of the launches since the last wait, 3 launches from \"good\" to \"after\" "
                + "(CUDA_LAUNCH_BLOCKING=1 in the environment tells which): CUDA_ERROR_ILLEGAL_ADDRESS (700)")
                .contains("close it and open it again");
        assertThat(line(lines, "read")).contains(fault);
        assertThat(line(lines, "allocate")).contains(fault);
        assertThat(lines.stream().filter(line -> line.equals("run: " + fault))).hasSize(1);
        assertThat(lines).contains("release: fine", "live 0", "close: fine", "closed: cuda:0 is closed");
    }

    @Test
    void oneByOneTheLaunchThatFailedIsNamed() throws Exception {
        List<String> lines = lines(Map.of("CUDA_LAUNCH_BLOCKING", "1"));
        assertThat(line(lines, "run").orElseThrow()).startsWith("cuda:0 failed in launch \"bad\": CUDA_ERROR_ILLEGAL_ADDRESS (700)");
        assertThat(lines).contains("finish: " + line(lines, "run").orElseThrow(), "close: fine");
    }
}
