package dev.quern.graph.testing;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Devices;
import dev.quern.runtime.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The devices that tests run on: the host device always, OpenCL where there is one or where {@code QUERN_REQUIRE} wants it. */
public final class TestDevices {
    private TestDevices() {
    }

    /** The ids, for parameterised tests. */
    public static Stream<String> ids() {
        List<String> ids = new ArrayList<>(List.of("host"));
        boolean present = Devices.list().stream().anyMatch(info -> info.runs(Dialect.OPENCL));
        if ("opencl".equals(System.getenv("QUERN_REQUIRE")) && !present) {
            throw new AssertionError("QUERN_REQUIRE=opencl, but there is no OpenCL device: " + Devices.absences());
        }
        Devices.list().stream().filter(info -> info.runs(Dialect.OPENCL)).map(DeviceInfo::id).findFirst().ifPresent(ids::add);
        return ids.stream();
    }

    /** Opens a device. */
    public static Device open(String id) {
        return Devices.open(id);
    }
}
