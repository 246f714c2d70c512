package dev.quern.runtime.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.quern.runtime.DeviceException;
import dev.quern.runtime.cache.ProgramCache;

/**
 * For machines without a compiler: PTX that a build made where there was one, found on the class path as
 * {@code dev/quern/runtime/cuda/ptx/<SHA-256 of the source>.ptx}.
 */
final class ShippedPtx implements CudaCompiler {
    /** A build that ships PTX also ships this: a line that says what made it. */
    private static final String MADE_BY = "made-by.txt";

    private final String folder;
    private final String name;

    private ShippedPtx(String folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /** The PTX in a folder of the class path beside this class, if there is any. */
    static Optional<ShippedPtx> find(String folder) {
        return resource(folder + "/" + MADE_BY)
                .map(bytes -> new ShippedPtx(folder, "PTX by " + new String(bytes, StandardCharsets.UTF_8).strip()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] image(String source, String program, String arch) {
        return ptx(source, program, arch);
    }

    @Override
    public byte[] ptx(String source, String program, String arch) {
        byte[] text = resource(folder + "/" + key(source) + ".ptx").orElseThrow(() -> new DeviceException("program " + program
                + " is not among the PTX that was shipped, and there is neither NVRTC (" + String.join(", ", Nvrtc.names())
                + ") nor nvcc on the PATH to compile it for " + arch + ": install a CUDA toolkit or its package of NVRTC"));
        // The driver reads PTX up to a zero byte.
        return Arrays.copyOf(text, text.length + 1);
    }

    private static Optional<byte[]> resource(String name) {
        try (InputStream stream = ShippedPtx.class.getResourceAsStream(name)) {
            return stream == null ? Optional.empty() : Optional.of(stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name, without its ending, under which a source's PTX is shipped. */
    static String key(String source) {
        return ProgramCache.key(List.of(source));
    }
}
