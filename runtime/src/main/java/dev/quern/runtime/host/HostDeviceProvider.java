package dev.quern.runtime.host;

import java.util.List;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.DeviceProvider;

/** Makes the device {@code host} known; it is always there. */
public final class HostDeviceProvider implements DeviceProvider {
    /** For {@link java.util.ServiceLoader}. */
    public HostDeviceProvider() {
    }

    @Override
    public String api() {
        return HostProcessor.ID;
    }

    @Override
    public List<DeviceInfo> list() {
        return List.of(HostProcessor.describe());
    }

    @Override
    public String absence() {
        return "";
    }

    @Override
    public Device open(String id) {
        if (!id.equals(HostProcessor.ID)) {
            throw new DeviceNotFoundException("no device \"" + id + "\": the only host device is \"host\"");
        }
        return new HostDevice(HostProcessor.describe());
    }
}
