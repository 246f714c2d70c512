package dev.quern.runtime.opencl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;

/**
 * What OpenCL offers on this machine.
 *
 * @param devices every usable device of every platform, numbered in the order in which the driver names them
 * @param absence why there is none, or none of some platform, and what to install; empty when nothing is missing
 */
record ClPlatforms(List<Found> devices, String absence) {
    static final String API = "opencl";

    private static final Logger LOG = LoggerFactory.getLogger(ClPlatforms.class);
    private static final String JOCL_UNIQUE_NAMES = "uniqueLibraryNames";
    private static final String INSTALL = "install the GPU's driver, or for the processor "
            + "`apt-get install pocl-opencl-icd ocl-icd-libopencl1` (Debian, Ubuntu)";
    private static final Pattern AVX512_CPUS = Pattern.compile(
            "skylake-avx512|skx|cascadelake|cooperlake|cannonlake|icelake|rocketlake|tigerlake|sapphirerapids"
                    + "|emeraldrapids|graniterapids|diamondrapids|knl|knm|znver[4-9]");
    private static final Pattern AVX_CPUS = Pattern.compile(
            "sandybridge|ivybridge|haswell|broadwell|skylake|alderlake|raptorlake|meteorlake|arrowlake|lunarlake"
                    + "|znver[1-3]|bdver[1-4]|core-avx");

    /** One device with its driver's handles. {@code platformVersion} is the platform's whole version text. */
    record Found(cl_platform_id platform, cl_device_id device, DeviceInfo info, String platformVersion) {
    }

    ClPlatforms {
        devices = List.copyOf(devices);
    }

    /** Asks the driver. Never throws: what goes wrong becomes the {@link #absence()}. */
    static ClPlatforms discover() {
        try {
            // By default JOCL unpacks its library to one fixed name in the shared temporary folder, where another process
            // may be writing it or somebody else may have put a file of that name.
            if (System.getProperty(JOCL_UNIQUE_NAMES) == null) {
                System.setProperty(JOCL_UNIQUE_NAMES, "true");
            }
            CL.setExceptionsEnabled(true);
            return ask();
        } catch (CLException e) {
            if (e.getStatus() == ClErrors.PLATFORM_NOT_FOUND) {
                return new ClPlatforms(List.of(), "OpenCL: no driver is installed (no platform); " + INSTALL);
            }
            return new ClPlatforms(List.of(), "OpenCL: the driver failed: " + ClErrors.describe(e) + "; " + INSTALL);
        } catch (LinkageError e) {
            LOG.debug("OpenCL cannot be loaded", e);
            return new ClPlatforms(List.of(), "OpenCL: " + unlinked(e));
        }
    }

    /** JOCL tells its three ways to fail apart only in the texts of its exceptions. */
    private static String unlinked(LinkageError error) {
        StringBuilder texts = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            texts.append(cause.getMessage()).append('\n');
        }
        if (texts.indexOf("Illegal native access") >= 0) {
            return "Java refused it native access; start Java with --enable-native-access=ALL-UNNAMED";
        }
        if (texts.indexOf("JOCL_") >= 0) {
            return "JOCL has no native library for " + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                    + " that can be loaded from " + System.getProperty("java.io.tmpdir");
        }
        return "the library libOpenCL cannot be loaded; " + INSTALL;
    }

    private static ClPlatforms ask() {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        if (platforms.length > 0) {
            CL.clGetPlatformIDs(platforms.length, platforms, null);
        }
        List<Found> found = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        // Simulators get the last numbers, so that nothing is run on one by chance.
        List<cl_platform_id> ordered = new ArrayList<>(List.of(platforms));
        ordered.sort(Comparator.comparing(ClPlatforms::isSimulator));
        for (cl_platform_id platform : ordered) {
            addDevices(platform, found, silent);
        }
        if (!found.isEmpty()) {
            return new ClPlatforms(found, silent.isEmpty() ? "" : "OpenCL: " + String.join("; ", silent));
        }
        String reason = silent.isEmpty() ? "no driver is installed (no platform)" : String.join("; ", silent);
        return new ClPlatforms(found, "OpenCL: " + reason + "; " + INSTALL);
    }

    private static boolean isSimulator(cl_platform_id platform) {
        try {
            return ClQuery.text(platform, CL.CL_PLATFORM_NAME).contains("Oclgrind");
        } catch (CLException e) {
            // Whether the platform is any good is found out when its devices are asked for.
            return false;
        }
    }

    private static void addDevices(cl_platform_id platform, List<Found> found, List<String> silent) {
        String name = "a platform";
        try {
            name = ClQuery.text(platform, CL.CL_PLATFORM_NAME);
            String version = ClQuery.text(platform, CL.CL_PLATFORM_VERSION);
            int[] count = new int[1];
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
            cl_device_id[] devices = new cl_device_id[count[0]];
            CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, devices.length, devices, null);
            for (cl_device_id device : devices) {
                if (ClQuery.integer(device, CL.CL_DEVICE_AVAILABLE) == 0
                        || ClQuery.integer(device, CL.CL_DEVICE_COMPILER_AVAILABLE) == 0) {
                    silent.add(name + " has a device without a compiler: " + ClQuery.text(device, CL.CL_DEVICE_NAME));
                } else {
                    String id = API + ":" + found.size();
                    found.add(new Found(platform, device, describe(id, device, version), version));
                }
            }
        } catch (CLException e) {
            // One broken platform must not hide the others.
            LOG.debug("{} gives no devices", name, e);
            silent.add(name + " gives no device (" + ClErrors.describe(e) + ")");
        }
    }

    private static DeviceInfo describe(String id, cl_device_id device, String platformVersion) {
        long type = ClQuery.number(device, CL.CL_DEVICE_TYPE);
        // The processor first: a simulator such as Oclgrind claims to be everything, and runs on the processor.
        DeviceKind kind = (type & CL.CL_DEVICE_TYPE_CPU) != 0 ? DeviceKind.CPU
                : (type & CL.CL_DEVICE_TYPE_GPU) != 0 ? DeviceKind.GPU : DeviceKind.ACCELERATOR;
        String name = ClQuery.text(device, CL.CL_DEVICE_NAME);
        SortedSet<Dialect> dialects = new TreeSet<>(EnumSet.of(Dialect.OPENCL, Dialect.PORTABLE));
        SortedSet<String> extensions = new TreeSet<>(
                Arrays.asList(ClQuery.text(device, CL.CL_DEVICE_EXTENSIONS).split("\\s+")));
        extensions.remove("");
        return new DeviceInfo(id, kind, name, ClQuery.text(device, CL.CL_DEVICE_VENDOR), shortVersion(platformVersion),
                ClQuery.text(device, CL.CL_DRIVER_VERSION), ClQuery.integer(device, CL.CL_DEVICE_MAX_COMPUTE_UNITS),
                (int) Math.min(Integer.MAX_VALUE, ClQuery.number(device, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE)),
                ClQuery.number(device, CL.CL_DEVICE_LOCAL_MEM_SIZE), ClQuery.number(device, CL.CL_DEVICE_GLOBAL_MEM_SIZE),
                ClQuery.number(device, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE), alignment(device), vectorBytes(device, kind, name),
                Collections.unmodifiableSortedSet(dialects), Collections.unmodifiableSortedSet(extensions));
    }

    /** The device states its alignment in bits. At least 64 bytes, so that a slice never shares a cache line. */
    private static int alignment(cl_device_id device) {
        int bytes = Math.max(64, ClQuery.integer(device, CL.CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8);
        return Integer.highestOneBit(bytes) == bytes ? bytes : Integer.highestOneBit(bytes) << 1;
    }

    /** PoCL appends its build options after a comma or two spaces: {@code OpenCL 3.0 PoCL 3.1+debian  Linux, …}. */
    private static String shortVersion(String version) {
        return version.split("  |,", 2)[0].strip();
    }

    /** PoCL names the LLVM target that it compiles for, which says more than the preferred width. */
    static int vectorBytes(cl_device_id device, DeviceKind kind, String name) {
        if (kind == DeviceKind.CPU) {
            int named = vectorBytesOf(name);
            if (named > 0) {
                return named;
            }
        }
        return Math.max(16, 4 * ClQuery.integer(device, CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT));
    }

    /** The register width of the LLVM target in a device's name; 0 if none is named. */
    static int vectorBytesOf(String name) {
        Matcher wide = AVX512_CPUS.matcher(name);
        if (wide.find()) {
            return 64;
        }
        return AVX_CPUS.matcher(name).find() ? 32 : 0;
    }
}
