package dev.quern.kernels;

import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Loads kernel sources that stand beside the classes which describe them. */
public final class KernelResource {
    private KernelResource() {
    }

    /**
     * A kernel source as a program text without definitions.
     *
     * @param beside  a class in the folder of the source
     * @param file    the file's name, for example {@code gemm_tiled.cl}
     * @param name    the program's name, for example {@code gemm/tiled}
     * @param dialect the file's dialect
     */
    public static KernelText load(Class<?> beside, String file, String name, Dialect dialect) {
        return KernelText.of(name, dialect, text(beside, file));
    }

    /** The text of a source file, for sources that are put together from several. */
    public static String text(Class<?> beside, String file) {
        try (InputStream stream = beside.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalStateException(file + " is missing beside " + beside.getName()
                        + ": the build did not copy kernel sources as resources");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
