package dev.quern.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.quern.runtime.DeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** NVIDIA's run-time compiler, of whatever version is installed. */
final class Nvrtc implements CudaCompiler {
    /** The system property that names the library's file where it is in none of the usual places. */
    static final String LIBRARY_PROPERTY = "quern.cuda.nvrtc";

    private static final String BUILTINS = "{libnvrtc-builtins.so.*,nvrtc-builtins64_*.dll}";
    private static final Logger LOG = LoggerFactory.getLogger(Nvrtc.class);

    private final NativeLibrary library;
    private final String name;
    /** The architectures that it knows, as 90 for {@code sm_90}; empty if it does not tell. */
    private final List<Integer> architectures;

    /** A major version's library: its own number, its names under Linux and Windows. */
    private record Release(int major, String linux, String windows) {
        String file() {
            return NativeLibrary.windows() ? windows : linux;
        }
    }

    private static final List<Release> RELEASES = List.of(new Release(13, "libnvrtc.so.13", "nvrtc64_130_0.dll"),
            new Release(12, "libnvrtc.so.12", "nvrtc64_120_0.dll"), new Release(11, "libnvrtc.so.11.2", "nvrtc64_112_0.dll"));

    private Nvrtc(NativeLibrary library) {
        this.library = library;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(JAVA_INT);
            MemorySegment minor = arena.allocate(JAVA_INT);
            check("nvrtcVersion", call("nvrtcVersion", major, minor));
            this.name = "NVRTC " + major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0);
        }
        this.architectures = architectures();
    }

    /**
     * The library of the newest version that the driver serves, else of any version.
     *
     * @param driverVersion the driver's CUDA version, for example 12080
     */
    static Optional<Nvrtc> find(int driverVersion) {
        return candidates(driverVersion, System.getenv(), System.getProperty(LIBRARY_PROPERTY, "")).stream()
                .map(Nvrtc::load).flatMap(Optional::stream).findFirst().map(Nvrtc::new);
    }

    private static Optional<NativeLibrary> load(String candidate) {
        Optional<NativeLibrary> library = NativeLibrary.open(candidate);
        Path folder = Path.of(candidate).getParent();
        if (library.isPresent() && folder != null) {
            loadBuiltins(folder);
        }
        return library;
    }

    /**
     * Loads the library of built-in functions that lies beside NVRTC. NVRTC asks for it by its name alone, which the system does not
     * look up in NVRTC's own folder; but what is loaded already has that name.
     */
    private static void loadBuiltins(Path folder) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, BUILTINS)) {
            found.forEach(file -> NativeLibrary.open(file.toString()));
        } catch (IOException e) {
            LOG.debug("{} cannot be listed; NVRTC has to find its built-in functions itself", folder, e);
        }
    }

    /** What to try, in this order: the name alone, which the system looks up, then in the folders where it is installed. */
    static List<String> candidates(int driverVersion, Map<String, String> environment, String named) {
        if (!named.isEmpty()) {
            return List.of(named);
        }
        // Machine code of a newer major version than the driver's may be refused, so those come last.
        List<Release> order = new ArrayList<>(RELEASES);
        order.sort(Comparator.comparing(release -> release.major > driverVersion / 1000));
        Set<Path> folders = ToolkitFolders.of(environment);
        List<String> candidates = new ArrayList<>();
        for (Release release : order) {
            candidates.add(release.file());
            folders.stream().map(folder -> folder.resolve(release.file())).filter(Files::exists).map(Path::toString)
                    .forEach(candidates::add);
        }
        return candidates;
    }

    /** The names by which the library is looked up, for people. */
    static List<String> names() {
        return RELEASES.stream().map(Release::file).toList();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] image(String source, String program, String arch) throws CudaCompileFailure {
        int number = Integer.parseInt(arch.substring("sm_".length()));
        if (architectures.isEmpty() || architectures.contains(number)) {
            return compile(source, program, arch, "nvrtcGetCUBINSize", "nvrtcGetCUBIN");
        }
        int nearest = architectures.stream().filter(known -> known < number).max(Comparator.naturalOrder())
                .orElseThrow(() -> new CudaCompileFailure(name + " compiles for sm_" + architectures.getFirst()
                        + " and newer, and the device is " + arch + ": an older toolkit is needed"));
        return ptx(source, program, "sm_" + nearest);
    }

    @Override
    public byte[] ptx(String source, String program, String arch) throws CudaCompileFailure {
        return compile(source, program, CudaCompiler.virtual(arch), "nvrtcGetPTXSize", "nvrtcGetPTX");
    }

    private byte[] compile(String source, String program, String target, String size, String content) throws CudaCompileFailure {
        List<String> options = new ArrayList<>(CudaSource.OPTIONS);
        options.add("--gpu-architecture=" + target);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(ADDRESS);
            check("nvrtcCreateProgram", call("nvrtcCreateProgram", handle, arena.allocateFrom(source),
                    arena.allocateFrom(program + ".cu"), 0, MemorySegment.NULL, MemorySegment.NULL));
            try {
                MemorySegment texts = arena.allocate(ADDRESS, options.size());
                for (int index = 0; index < options.size(); index++) {
                    texts.setAtIndex(ADDRESS, index, arena.allocateFrom(options.get(index)));
                }
                MemorySegment compiled = handle.get(ADDRESS, 0);
                int status = call("nvrtcCompileProgram", compiled, options.size(), texts);
                if (status != 0) {
                    // Also says what it misses of its own parts, such as libnvrtc-builtins.
                    throw new CudaCompileFailure(name + ": " + error(status) + "\n"
                            + text(bytes(arena, compiled, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")));
                }
                return bytes(arena, compiled, size, content);
            } finally {
                check("nvrtcDestroyProgram", call("nvrtcDestroyProgram", handle));
            }
        }
    }

    private byte[] bytes(Arena arena, MemorySegment program, String size, String content) {
        MemorySegment length = arena.allocate(JAVA_LONG);
        check(size, call(size, program, length));
        MemorySegment bytes = arena.allocate(Math.max(1, length.get(JAVA_LONG, 0)));
        check(content, call(content, program, bytes));
        return bytes.toArray(JAVA_BYTE);
    }

    /** NVRTC's texts end with a zero byte. */
    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('\0') < 0 ? text.length() : text.indexOf('\0'));
    }

    private List<Integer> architectures() {
        if (!library.has("nvrtcGetNumSupportedArchs") || !library.has("nvrtcGetSupportedArchs")) {
            return List.of();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            check("nvrtcGetNumSupportedArchs", call("nvrtcGetNumSupportedArchs", count));
            MemorySegment numbers = arena.allocate(JAVA_INT, count.get(JAVA_INT, 0));
            check("nvrtcGetSupportedArchs", call("nvrtcGetSupportedArchs", numbers));
            return Arrays.stream(numbers.toArray(JAVA_INT)).sorted().boxed().toList();
        }
    }

    private void check(String function, int status) {
        if (status != 0) {
            throw new DeviceException((name == null ? library.file() : name) + ": " + function + " failed: " + error(status));
        }
    }

    private String error(int status) {
        MethodHandle function = library.function("nvrtcGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        try {
            return ((MemorySegment) function.invokeExact(status)).reinterpret(256).getString(0) + " (" + status + ")";
        } catch (Throwable e) {
            throw new IllegalStateException("nvrtcGetErrorString could not be called", e);
        }
    }

    /** Calls a function whose parameters are pointers and {@code int}s. */
    private int call(String function, Object... arguments) {
        MemoryLayout[] types = new MemoryLayout[arguments.length];
        for (int index = 0; index < types.length; index++) {
            types[index] = arguments[index] instanceof Integer ? JAVA_INT : ADDRESS;
        }
        try {
            return (int) library.function(function, types).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " could not be called", e);
        }
    }
}
