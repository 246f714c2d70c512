package dev.quern.bench.bundle;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The system's OpenCL loader, which machines with a bare NVIDIA driver often lack. */
final class OpenClLoader {
    static final String NAME = "libOpenCL.so.1";

    private static final List<Path> FOLDERS = Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
            "/usr/lib", "/usr/local/lib").map(Path::of).toList();

    private OpenClLoader() {
    }

    /**
     * The file itself, links followed.
     *
     * @throws QuernException if there is none
     */
    static Path find() {
        Path found = FOLDERS.stream().map(folder -> folder.resolve(NAME)).filter(Files::exists).findFirst()
                .orElseThrow(() -> new QuernException("no " + NAME + " to take along was found in " + FOLDERS
                        + " (Debian: apt install ocl-icd-libopencl1)"));
        try {
            return found.toRealPath();
        } catch (IOException e) {
            throw new QuernException(found + " cannot be read: " + e.getMessage(), e);
        }
    }
}
