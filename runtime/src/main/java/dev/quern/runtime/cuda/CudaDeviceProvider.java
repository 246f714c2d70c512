package dev.quern.runtime.cuda;

import java.util.List;
import java.util.stream.Collectors;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.DeviceProvider;

/** Makes CUDA's devices known as {@code cuda:0}, {@code cuda:1}, …; the driver is loaded at the first question. */
public final class CudaDeviceProvider implements DeviceProvider {
    /** Asked once a process: neither the driver nor the compilers change while it runs, and looking for them takes a while. */
    private static final class Once {
        static final CudaPlatform PLATFORM = CudaPlatform.discover();
    }

    /** For {@link java.util.ServiceLoader}. */
    public CudaDeviceProvider() {
    }

    private static CudaPlatform platform() {
        return Once.PLATFORM;
    }

    @Override
    public String api() {
        return CudaPlatform.API;
    }

    @Override
    public List<DeviceInfo> list() {
        return platform().devices().stream().map(CudaPlatform.Found::info).toList();
    }

    @Override
    public String absence() {
        return platform().absence();
    }

    @Override
    public Device open(String id) {
        for (CudaPlatform.Found found : platform().devices()) {
            if (found.info().id().equals(id)) {
                return new CudaDevice(found);
            }
        }
        String known = list().stream().map(DeviceInfo::id).collect(Collectors.joining(", "));
        throw new DeviceNotFoundException("no device \"" + id + "\": " + (known.isEmpty() ? absence() : "CUDA has " + known));
    }
}
