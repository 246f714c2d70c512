package dev.quern.runtime.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.Devices;

/**
 * The devices that tests run on. Use it as the source of a parameterised test:
 *
 * <pre>{@code
 * @ParameterizedTest
 * @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
 * void addsNumbers(String id) {
 *     Device device = TestDevices.shared(id);
 * }</pre>
 *
 * <p>A device that the environment variable {@code QUERN_REQUIRE} names (a comma-separated list of APIs, for example
 * {@code opencl}) must be there: its absence fails the test. The absence of any other device aborts the test with the
 * reason, which reports show as skipped.
 */
public final class TestDevices {
    private static final List<String> APIS = List.of("host", "opencl");
    private static final Map<String, Device> SHARED = new ConcurrentHashMap<>();

    private TestDevices() {
    }

    /**
     * One id for each API that Quern has, whether its device is there or not: the host first, then {@code opencl:0}. The system
     * property {@code quern.test.devices}, ids with commas between, names others in their place.
     */
    public static Stream<String> ids() {
        String named = System.getProperty("quern.test.devices", "");
        if (!named.isEmpty()) {
            return Arrays.stream(named.split(","));
        }
        return APIS.stream().map(api -> api.equals("host") ? "host" : api + ":0");
    }

    /** Every device that is there, and one id for each API without any. */
    public static Stream<String> everyId() {
        if (!System.getProperty("quern.test.devices", "").isEmpty()) {
            return ids();
        }
        List<String> there = Devices.list().stream().map(DeviceInfo::id).toList();
        Stream<String> missing = ids().filter(id -> there.stream().noneMatch(known -> known.startsWith(id.split(":")[0])));
        return Stream.concat(there.stream(), missing);
    }

    /**
     * A device that all tests of this process share: opened at first use and never closed, so that kernels are compiled
     * once. Leave nothing allocated on it.
     */
    public static Device shared(String id) {
        return SHARED.computeIfAbsent(id, TestDevices::fresh);
    }

    /** A device of the test's own, which the test closes. */
    public static Device fresh(String id) {
        try {
            return Devices.open(id);
        } catch (DeviceNotFoundException e) {
            if (required().contains(id.split(":")[0])) {
                return Assertions.fail("QUERN_REQUIRE names this device: " + e.getMessage(), e);
            }
            return Assumptions.abort(e.getMessage());
        }
    }

    /** The APIs whose devices must be there. */
    static Set<String> required() {
        String names = System.getenv().getOrDefault("QUERN_REQUIRE", "");
        Set<String> required = new TreeSet<>(Arrays.asList(names.split("[,\\s]+")));
        required.remove("");
        return required;
    }
}
