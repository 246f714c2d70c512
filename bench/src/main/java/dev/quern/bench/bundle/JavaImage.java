package dev.quern.bench.bundle;

import dev.quern.runtime.QuernException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.spi.ToolProvider;

/** A Java runtime for another machine of the same system, linked from the one that runs now. */
final class JavaImage {
    /**
     * Java SE, and what the class path uses besides: JUnit looks for tests in jars through {@code jdk.zipfs}. The image is not compressed: the archive around it
     * compresses better.
     */
    private static final String MODULES = "java.se,jdk.management,jdk.unsupported,jdk.zipfs";

    private JavaImage() {
    }

    /**
     * Links it.
     *
     * @param target a folder that does not exist yet
     * @throws QuernException if the running Java has no {@code jlink}, or it fails
     */
    static void link(Path target) {
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow(() -> new QuernException("the Java in "
                + System.getProperty("java.home") + " has no jlink: run with a whole JDK, for example QUERN_JAVA_HOME=/path/to/jdk"));
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int code = jlink.run(writer, writer, "--add-modules", MODULES, "--strip-debug", "--no-header-files", "--no-man-pages",
                "--compress", "zip-0", "--output", target.toString());
        writer.flush();
        if (code != 0) {
            throw new QuernException("jlink cannot make a Java runtime (exit code " + code + "): " + said.toString().strip());
        }
    }
}
