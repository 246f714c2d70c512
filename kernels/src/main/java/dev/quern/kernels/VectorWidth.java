package dev.quern.kernels;

import dev.quern.runtime.DeviceInfo;
import java.util.List;

/** How many lanes the vectors of CPU kernels have: a tunable named W, by default the width of the device's registers. */
public final class VectorWidth {
    /** The name of the tunable, and of the definition in kernels. */
    public static final String NAME = "W";

    private VectorWidth() {
    }

    /** The tunable. */
    public static Tunable tunable() {
        return new Tunable(NAME, List.of(16, 8, 4), "lanes of a vector; the device's register width unless said");
    }

    /** The lanes of a device's registers: 4, 8 or 16. */
    public static int of(DeviceInfo device) {
        return Math.clamp(Integer.highestOneBit(device.vectorBytes() / Float.BYTES), 4, 16);
    }

    /** The defaults of these tunables, among which W is, with W as wide as the device's registers. */
    public static Parameters defaults(List<Tunable> tunables, DeviceInfo device) {
        return Parameters.defaults(tunables).with(NAME, of(device));
    }
}
