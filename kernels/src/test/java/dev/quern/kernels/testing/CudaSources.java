package dev.quern.kernels.testing;

import dev.quern.kernels.KernelPlan;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cuda.CudaSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps what checks run as CUDA sources, so that a compiler of CUDA can be tried on them where there is no device:
 * {@code -Dquern.cuda.sources=FOLDER}.
 */
final class CudaSources {
    private static final String FOLDER = System.getProperty("quern.cuda.sources", "");

    private CudaSources() {
    }

    /** Keeps a plan's texts that CUDA compiles, one file for each distinct one. */
    static void keep(String rung, KernelPlan plan) {
        if (FOLDER.isEmpty()) {
            return;
        }
        for (KernelPlan.PlannedLaunch launch : plan.launches()) {
            if (launch.source() instanceof KernelText text
                    && (text.dialect() == Dialect.PORTABLE || text.dialect() == Dialect.CUDA)) {
                write(rung, CudaSource.of(text));
            }
        }
    }

    private static void write(String rung, String source) {
        try {
            Path folder = Files.createDirectories(Path.of(FOLDER));
            Files.writeString(folder.resolve(rung.replaceAll("[^A-Za-z0-9_]", "-") + "-" + Integer.toHexString(source.hashCode())
                    + ".cu"), source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
