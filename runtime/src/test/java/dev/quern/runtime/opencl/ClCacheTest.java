package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Staging;
import dev.quern.runtime.cache.ProgramCache;
import dev.quern.runtime.testing.TestDevices;

class ClCacheTest {
    private static final KernelText TEXT = KernelText.of("test/cached", Dialect.PORTABLE, """
            Q_KERNEL void cached(Q_GLOBAL int* data, int value) {
                data[Q_GLOBAL_ID(0)] = value;
            }
            """);

    @TempDir
    private Path folder;

    @BeforeEach
    void useTheFolder() {
        System.setProperty(ProgramCache.FOLDER_PROPERTY, folder.toString());
    }

    @AfterEach
    void useTheUsersFolder() {
        System.clearProperty(ProgramCache.FOLDER_PROPERTY);
    }

    /** Runs the kernel on a device of its own and returns that device's counters. */
    private static DeviceStatistics runOnNewDevice(KernelText text) {
        try (Device device = TestDevices.fresh("opencl:0"); Memory data = device.allocate(256, "data");
                Staging staging = device.staging(256)) {
            device.queue().runOnce(List.of(new Launch("cached", device.compile(text).kernel("cached"), Grid.covering(64, 16),
                    List.of(data.slice(), new Argument.I32(42)))), device);
            device.queue().read(data.slice(), staging);
            assertThat(staging.memory().toArray(ValueLayout.JAVA_INT)).containsOnly(42);
            return device.statistics();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void aSecondDeviceLoadsWhatTheFirstCompiled() throws IOException {
        assertThat(runOnNewDevice(TEXT).programCacheHits()).isZero();
        assertThat(files()).hasSize(1);
        DeviceStatistics second = runOnNewDevice(TEXT);
        assertThat(second.programsBuilt()).isEqualTo(1);
        assertThat(second.programCacheHits()).isEqualTo(1);
    }

    /** A binary of the linked program would have PoCL compile each kernel once more, for groups of any size. */
    @Test
    void pocLKeepsBitcodeForWhichNothingIsCompiledTwice() throws IOException {
        assumeTrue(TestDevices.shared("opencl:0").info().platform().contains("PoCL"));
        runOnNewDevice(TEXT);
        String file = new String(Files.readAllBytes(files().getFirst()), StandardCharsets.ISO_8859_1);
        assertThat(file).contains("BC\u00c0\u00de").doesNotContain("\u007fELF");
    }

    @Test
    void otherDefinitionsAreAnotherProgram() throws IOException {
        runOnNewDevice(TEXT);
        assertThat(runOnNewDevice(TEXT.with(Map.of("WIDTH", 8))).programCacheHits()).isZero();
        assertThat(files()).hasSize(2);
    }

    @Test
    void aTruncatedFileIsCompiledAgainAndReplaced() throws IOException {
        runOnNewDevice(TEXT);
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThat(runOnNewDevice(TEXT).programCacheHits()).isZero();
        assertThat(runOnNewDevice(TEXT).programCacheHits()).isEqualTo(1);
    }

    @Test
    void aBinaryThatTheDriverRefusesIsCompiledAgain() throws IOException {
        runOnNewDevice(TEXT);
        String name = files().getFirst().getFileName().toString();
        ProgramCache.at(folder).store(name.substring(0, name.indexOf('.')), "no program".getBytes());
        assertThat(runOnNewDevice(TEXT).programCacheHits()).isZero();
        assertThat(runOnNewDevice(TEXT).programCacheHits()).isEqualTo(1);
    }

    @Test
    void aProgramFromTheCacheStillChecksArguments() {
        runOnNewDevice(TEXT);
        try (Device device = TestDevices.fresh("opencl:0"); Memory data = device.allocate(256, "data")) {
            Launch launch = new Launch("swapped", device.compile(TEXT).kernel("cached"), Grid.ofTiles(1),
                    List.of(new Argument.I64(1), data.slice()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.record(List.of(launch))).withMessageContaining("argument 0");
        }
    }
}
