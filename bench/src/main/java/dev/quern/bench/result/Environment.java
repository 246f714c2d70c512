package dev.quern.bench.result;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where measurements were made.
 *
 * @param facts by name, in the order of reports
 */
public record Environment(Map<String, String> facts) {
    private static final String UNKNOWN = "unknown";
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path GOVERNOR = Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    private static final int GIT_SECONDS = 10;

    public Environment {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /**
     * The environment of measurements on a device as it is now.
     *
     * @param home the folder of the sources, whose commit is told
     */
    public static Environment of(Device device, Path home) {
        DeviceInfo info = device.info();
        Map<String, String> facts = new LinkedHashMap<>(ofMachine(home).facts());
        facts.put("device", info.id() + " " + info.name());
        facts.put("platform", info.platform());
        facts.put("driver", info.driver());
        facts.put("compute units", String.valueOf(info.computeUnits()));
        return new Environment(facts);
    }

    /**
     * The machine as it is now, whatever its devices.
     *
     * @param home the folder of the sources, whose commit is told
     */
    public static Environment ofMachine(Path home) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("commit", commit(home));
        facts.put("processor", firstLine(PROCESSORS, "model name").orElse(UNKNOWN));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("clock", firstLine(PROCESSORS, "cpu MHz").map(mhz -> mhz + " MHz").orElse(UNKNOWN)
                + governor().map(governor -> ", governor " + governor).orElse(""));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        return new Environment(facts);
    }

    /** The environment with one more fact. */
    public Environment with(String name, String fact) {
        Map<String, String> more = new LinkedHashMap<>(facts);
        more.put(name, fact);
        return new Environment(more);
    }

    /** The value behind the colon of the first line that begins so. */
    private static Optional<String> firstLine(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key)).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> governor() {
        try {
            return Optional.of(Files.readString(GOVERNOR).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The commit, with a plus sign where files differ from it; an unpacked bundle remembers that of its sources. */
    private static String commit(Path home) {
        if (Files.exists(home.resolve("BUNDLE"))) {
            return firstLine(home.resolve("BUNDLE"), "commit").orElse(UNKNOWN);
        }
        if (!Files.exists(home.resolve(".git"))) {
            return UNKNOWN;
        }
        List<String> command = List.of("git", "-C", home.toString(), "describe", "--always", "--abbrev=12", "--exclude=*",
                "--dirty=+");
        try {
            Process git = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String text = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor(GIT_SECONDS, TimeUnit.SECONDS) && git.exitValue() == 0 ? text.toLowerCase(Locale.ROOT) : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking git", e);
        }
    }
}
