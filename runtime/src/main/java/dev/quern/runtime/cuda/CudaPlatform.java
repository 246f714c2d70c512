package dev.quern.runtime.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What CUDA offers on this machine.
 *
 * @param devices  every device, in the driver's order
 * @param absence  why there is none and how to mend it; empty when nothing is missing
 */
record CudaPlatform(List<Found> devices, String absence) {
    static final String API = "cuda";

    private static final Logger LOG = LoggerFactory.getLogger(CudaPlatform.class);
    private static final String NAME = "CUDA: ";
    /** The oldest driver that has every function that Quern calls, as its CUDA version and as its own. */
    private static final int OLDEST = 12_040;
    private static final String OLDEST_DRIVER = "550";
    private static final String SHIPPED = "ptx";
    private static final Path LINUX_DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Pattern DRIVER_NUMBER = Pattern.compile(" (\\d{3}\\.\\d+(?:\\.\\d+)?) ");
    /** Allocations start at multiples of this. */
    private static final int ALIGNMENT = 256;
    /** The architectures that there have been, as 90 for {@code sm_90}. */
    private static final List<Integer> ARCHITECTURES = List.of(50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 88, 89, 90, 100, 101,
            103, 110, 120, 121);
    /** From here on a device also has features that no later one has, under its name with an {@code a}. */
    private static final int OWN_FEATURES_FROM = 90;

    /**
     * One device.
     *
     * @param handle   the driver's handle
     * @param arch     what to compile for, for example {@code sm_90}
     * @param pools    whether memory can be allocated in the order of a stream
     * @param grid     the most groups along x, y and z
     * @param group    the most work-items of a group along x, y and z
     * @param residentItems the most work-items that a multiprocessor holds at a time
     * @param library  the driver's library
     * @param compiler what compiles for it
     */
    record Found(Handles.Gpu handle, DeviceInfo info, String arch, boolean pools, long[] grid, long[] group,
            int residentItems, DriverLibrary library, CudaCompiler compiler) {
    }

    CudaPlatform {
        devices = List.copyOf(devices);
    }

    /** Asks the driver. Never throws: what goes wrong becomes the {@link #absence()}. */
    static CudaPlatform discover() {
        try {
            Optional<DriverLibrary> library = DriverLibrary.find();
            if (library.isEmpty()) {
                return absent("no NVIDIA driver (" + DriverLibrary.fileName() + " was not found); install the driver of the GPU");
            }
            return ask(library.get());
        } catch (CudaFailure e) {
            return absent("the NVIDIA driver failed: " + e.getMessage());
        } catch (IllegalCallerException e) {
            return absent("Java refused it native access; start Java with --enable-native-access=ALL-UNNAMED");
        } catch (IOException | LinkageError e) {
            LOG.debug("CUDA cannot be loaded", e);
            return absent("the NVIDIA driver is there, but JCuda's library " + CudaNatives.fileName() + " cannot be loaded: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private static CudaPlatform absent(String reason) {
        return new CudaPlatform(List.of(), NAME + reason);
    }

    private static CudaPlatform ask(DriverLibrary library) throws IOException {
        int version = library.version();
        String driver = "the NVIDIA driver (CUDA " + text(version) + ") ";
        if (version < OLDEST) {
            return absent(driver + "is too old: Quern needs CUDA " + text(OLDEST) + "; install driver " + OLDEST_DRIVER
                    + " or newer");
        }
        int status = library.initialize();
        if (status == CUresult.CUDA_ERROR_NO_DEVICE || status == CUresult.CUDA_SUCCESS && library.devices() == 0) {
            return absent(driver + "finds no device: " + CudaErrors.describe(CUresult.CUDA_ERROR_NO_DEVICE));
        }
        if (status != CUresult.CUDA_SUCCESS) {
            return absent(driver + "does not start: " + CudaErrors.describe(status));
        }
        // A device without a compiler is not listed: chosen automatically, it would fail at the first kernel.
        Optional<CudaCompiler> compiler = compiler(version);
        if (compiler.isEmpty()) {
            return absent(driver + "finds " + library.devices() + (library.devices() == 1 ? " device" : " devices")
                    + ", but nothing compiles kernels: there is no NVRTC (" + String.join(", ", Nvrtc.names())
                    + "), no nvcc on the PATH and no PTX in the jar; install a CUDA toolkit or its package of NVRTC, or name NVRTC's "
                    + "file with -D" + Nvrtc.LIBRARY_PROPERTY + "=FILE");
        }
        CudaNatives.load();
        CudaFailure.check(JCudaDriver.cuInit(0));
        List<Found> found = new ArrayList<>();
        for (int ordinal = 0; ordinal < library.devices(); ordinal++) {
            found.add(describe(ordinal, version, library, compiler.get()));
        }
        return new CudaPlatform(found, "");
    }

    /** What compiles for the devices: what is there of NVRTC, nvcc and shipped PTX, in this order. */
    private static Optional<CudaCompiler> compiler(int driverVersion) {
        return Nvrtc.find(driverVersion).<CudaCompiler>map(nvrtc -> nvrtc)
                .or(() -> Nvcc.find(System.getenv().getOrDefault("PATH", "")))
                .or(() -> ShippedPtx.find(SHIPPED));
    }

    private static String text(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    private static Found describe(int ordinal, int version, DriverLibrary library, CudaCompiler compiler) {
        Handles.Gpu device = new Handles.Gpu();
        CudaFailure.check(JCudaDriver.cuDeviceGet(device, ordinal));
        byte[] name = new byte[256];
        CudaFailure.check(JCudaDriver.cuDeviceGetName(name, name.length, device));
        long[] bytes = new long[1];
        CudaFailure.check(JCudaDriver.cuDeviceTotalMem(bytes, device));
        int capability = 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        SortedSet<Dialect> dialects = new TreeSet<>(EnumSet.of(Dialect.CUDA, Dialect.PORTABLE));
        DeviceInfo info = new DeviceInfo(API + ":" + ordinal, DeviceKind.GPU,
                new String(name, StandardCharsets.UTF_8).split("\0", 2)[0], "NVIDIA", "CUDA " + text(version) + ", " + compiler.name(),
                driverNumber().orElse("CUDA " + text(version)),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK), bytes[0], bytes[0], ALIGNMENT,
                16, Collections.unmodifiableSortedSet(dialects), architectures(capability));
        long[] grid = {attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z)};
        long[] group = {attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z)};
        boolean pools = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0;
        return new Found(device, info, "sm_" + capability, pools, grid, group,
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR), library, compiler);
    }

    private static int attribute(Handles.Gpu device, int attribute) {
        int[] value = new int[1];
        CudaFailure.check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
        return value[0];
    }

    /**
     * The architectures whose portable features a device has, and its own: an H100 has {@code sm_50} to {@code sm_90} and
     * {@code sm_90a}. So a variant that needs Ampere's asks for {@code sm_80}, and one that needs Hopper's own for {@code sm_90a}.
     */
    static SortedSet<String> architectures(int capability) {
        SortedSet<String> names = new TreeSet<>();
        ARCHITECTURES.stream().filter(known -> known <= capability).forEach(known -> names.add("sm_" + known));
        names.add("sm_" + capability);
        if (capability >= OWN_FEATURES_FROM) {
            names.add("sm_" + capability + "a");
        }
        return Collections.unmodifiableSortedSet(names);
    }

    /** The driver's own number, which its library does not tell: {@code 570.86.10}. */
    private static Optional<String> driverNumber() {
        try {
            Matcher matcher = DRIVER_NUMBER.matcher(Files.readString(LINUX_DRIVER));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            // Not Linux, or not NVIDIA's kernel module.
            return Optional.empty();
        }
    }
}
