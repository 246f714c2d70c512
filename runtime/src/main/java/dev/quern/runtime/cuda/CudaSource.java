package dev.quern.runtime.cuda;

import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A kernel text as the CUDA C++ that a compiler gets: definitions, then the prelude, then the text with its own line numbers. Any
 * compiler of CUDA takes it: NVRTC, {@code nvcc}, or a C++ compiler with stand-ins for CUDA's names.
 */
public final class CudaSource {
    /**
     * What every compilation is told. Multiplications and additions are contracted only where a kernel says {@code Q_FMA}, so
     * that generated arithmetic rounds alike on every device.
     */
    public static final List<String> OPTIONS = List.of("-std=c++17", "-fmad=false");

    /** The name that compilers know the prelude by. */
    static final String PRELUDE = "prelude.cu";

    private CudaSource() {
    }

    /**
     * The whole source.
     *
     * @throws IllegalArgumentException if the text is not of a dialect that CUDA compiles
     */
    public static String of(KernelText text) {
        if (text.dialect() != Dialect.PORTABLE && text.dialect() != Dialect.CUDA) {
            throw new IllegalArgumentException(text.name() + " is of the dialect " + text.dialect() + "; CUDA compiles portable and "
                    + "CUDA texts");
        }
        return before(text) + text.text() + '\n';
    }

    /** How many lines stand before the text's own. */
    public static int linesBefore(KernelText text) {
        return (int) before(text).lines().count();
    }

    private static String before(KernelText text) {
        StringBuilder source = new StringBuilder();
        text.defines().forEach((name, value) -> source.append("#define ").append(name).append(' ').append(value).append('\n'));
        source.append("#line 1 \"").append(PRELUDE).append("\"\n").append(prelude());
        return source.append("#line 1 \"").append(text.name()).append("\"\n").toString();
    }

    private static String prelude() {
        try (InputStream stream = CudaSource.class.getResourceAsStream(PRELUDE)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + CudaSource.class.getPackageName() + "/" + PRELUDE);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
