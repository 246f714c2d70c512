package dev.quern.examples.command;

import dev.quern.runtime.QuernException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that a command will write when its work is done. Whether it can be written is found out before the work begins,
 * and it appears whole or not at all. What is no regular file, such as a pipe or {@code /dev/stdout}, is written to as it is.
 *
 * @param path where it will be
 */
public record OutputFile(Path path) {
    /**
     * The file at a path.
     *
     * @param option the option that named it, for the message
     * @throws UsageException if it is a folder, or its folder does not exist or cannot be written to
     */
    public static OutputFile require(String option, Path path) {
        Path folder = path.toAbsolutePath().getParent();
        if (path.toString().isBlank() || Files.isDirectory(path)) {
            throw new UsageException(option + " " + path + ": needs a file's name, and that is a folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new UsageException(option + " " + path + ": there is no folder " + folder);
        }
        OutputFile file = new OutputFile(path);
        if (file.isSpecial()) {
            return file;
        }
        // Asked by trying: permissions alone do not tell of read-only or full file systems.
        try {
            Files.delete(Files.createTempFile(folder, ".quern", ".probe"));
        } catch (IOException e) {
            throw new UsageException(option + " " + path + ": the folder " + folder + " cannot be written to");
        }
        if (Files.exists(path) && !Files.isWritable(path)) {
            throw new UsageException(option + " " + path + ": the file is there and cannot be written to");
        }
        return file;
    }

    /**
     * The same for a file that is replaced again and again, which a device or a pipe cannot be.
     *
     * @throws UsageException also if there is one of these
     */
    static void requireRegular(String option, Path path) {
        if (require(option, path).isSpecial()) {
            throw new UsageException(option + " " + path + ": is a device or a pipe; name a file");
        }
    }

    /**
     * A file in a folder that is made if it is not there.
     *
     * @param option the option that named the folder, for the message
     * @throws UsageException if the folder is a file, or cannot be made or written to
     */
    static OutputFile within(String option, Path folder, String name) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UsageException(option + " " + folder + ": is a file; name a folder");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UsageException(option + " " + folder + ": the folder cannot be made: " + e.getMessage());
        }
        return require(option, folder.resolve(name));
    }

    /** What a file is filled with. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything; does not close. */
        void to(OutputStream out) throws IOException;
    }

    /** Writes the whole text, replacing what was there. */
    public void write(String text) {
        write(out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes the whole content, replacing what was there. */
    public void write(Content content) {
        Path whole = path.toAbsolutePath();
        try {
            if (isSpecial()) {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path, StandardOpenOption.WRITE))) {
                    content.to(out);
                }
                return;
            }
            // Not a temporary file of Java's: nobody else could read that, nor what it becomes.
            Path part = whole.resolveSibling("." + whole.getFileName() + "." + UUID.randomUUID() + ".part");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part, StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE))) {
                    content.to(out);
                }
                move(part, whole);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new QuernException(path + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Whether there is something that must not be replaced by a file. */
    private boolean isSpecial() {
        return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
    }

    private static void move(Path part, Path whole) throws IOException {
        try {
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
