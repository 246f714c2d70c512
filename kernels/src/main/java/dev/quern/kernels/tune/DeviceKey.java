package dev.quern.kernels.tune;

import dev.quern.runtime.DeviceInfo;
import java.util.Locale;
import java.util.Optional;

/** Whose measurements a database holds. */
public final class DeviceKey {
    private static final int AVX512_BYTES = 64;
    private static final int AVX_BYTES = 32;

    private DeviceKey() {
    }

    /** This very kind of device with this very driver: its name, platform, driver and compute units. */
    public static String exact(DeviceInfo device) {
        return device.name() + " | " + device.platform() + " | " + device.driver() + " | " + device.computeUnits() + " units";
    }

    /**
     * The class of devices for which the project ships measurements: {@code pocl-avx512}, {@code pocl-avx2}. Empty for others.
     */
    public static Optional<String> shipped(DeviceInfo device) {
        if (!device.isCpu() || !device.platform().contains("PoCL")) {
            return Optional.empty();
        }
        return switch (device.vectorBytes()) {
            case AVX512_BYTES -> Optional.of("pocl-avx512");
            case AVX_BYTES -> Optional.of("pocl-avx2");
            default -> Optional.empty();
        };
    }

    /** A file name for a device's database: its key in lower case with anything but letters and digits as dashes. */
    public static String fileName(DeviceInfo device) {
        return exact(device).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-") + ".json";
    }
}
