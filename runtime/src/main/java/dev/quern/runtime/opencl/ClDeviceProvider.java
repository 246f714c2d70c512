package dev.quern.runtime.opencl;

import java.util.List;
import java.util.stream.Collectors;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.DeviceProvider;

/** Makes OpenCL's devices known as {@code opencl:0}, {@code opencl:1}, …; the driver is loaded at the first question. */
public final class ClDeviceProvider implements DeviceProvider {
    private ClPlatforms platforms;

    /** For {@link java.util.ServiceLoader}. */
    public ClDeviceProvider() {
    }

    private synchronized ClPlatforms platforms() {
        if (platforms == null) {
            platforms = ClPlatforms.discover();
        }
        return platforms;
    }

    @Override
    public String api() {
        return ClPlatforms.API;
    }

    @Override
    public List<DeviceInfo> list() {
        return platforms().devices().stream().map(ClPlatforms.Found::info).toList();
    }

    @Override
    public String absence() {
        return platforms().absence();
    }

    @Override
    public Device open(String id) {
        for (ClPlatforms.Found found : platforms().devices()) {
            if (found.info().id().equals(id)) {
                return new ClDevice(found);
            }
        }
        String known = list().stream().map(DeviceInfo::id).collect(Collectors.joining(", "));
        throw new DeviceNotFoundException("no device \"" + id + "\": "
                + (known.isEmpty() ? absence() : "OpenCL has " + known));
    }
}
