package dev.quern.bench.suite;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.util.List;

/** One thing to be done, in as many ways as there are variants. */
public interface BenchCase {
    /** Its name within the suite: {@code 512x512x512}, {@code lenet/b64}. */
    String name();

    /** Which pass it is: {@code forward}, {@code backward-data}, {@code backward-weights} or {@code step}. */
    String pass();

    /** The names of the variants that do it on a device. */
    List<String> variants(DeviceInfo device);

    /** Those of the {@link #variants} that variant selection would choose: one, where there is a choice. */
    default List<String> chosen(DeviceInfo device) {
        return variants(device);
    }

    /**
     * Makes variants ready, verified.
     *
     * @param variants some of {@link #variants}
     */
    Bout open(Device device, List<String> variants);
}
