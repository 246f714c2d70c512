package dev.quern.runtime.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
    @Override
    public String name() {
        return "no compiler";
    }

    @Override
    public byte[] image(String source, String program, String arch) {
        return ptx(source, program, arch);
    }

    @Override
    public byte[] ptx(String source, String program, String arch) {
        return shipped(source).orElseThrow(() -> new DeviceException("program " + program + " cannot be compiled for " + arch
                + ": there is no NVRTC (" + String.join(", ", Nvrtc.names()) + "), no nvcc on the PATH, and no PTX of it was shipped; "
                + "install a CUDA toolkit (or its package of NVRTC), or name the library with -D" + Nvrtc.LIBRARY_PROPERTY
                + "=FILE"));
    }

    private static Optional<byte[]> shipped(String source) {
        try (InputStream stream = ShippedPtx.class.getResourceAsStream("ptx/" + key(source) + ".ptx")) {
            if (stream == null) {
                return Optional.empty();
            }
            // The driver reads PTX up to a zero byte.
            byte[] text = stream.readAllBytes();
            return Optional.of(Arrays.copyOf(text, text.length + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name, without its ending, under which a source's PTX is shipped. */
    static String key(String source) {
        return ProgramCache.key(List.of(source));
    }
}
