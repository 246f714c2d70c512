package dev.quern.kernels.tune;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What was measured on one device, or on one class of devices: the quickest variant of each problem. A JSON file of a fixed
 * format, its entries in the order of their problems, so that equal databases are equal files.
 *
 * @param origin  where it comes from, as {@code explain} shows it: {@code shipped}, {@code user} or a file's name
 * @param device  whose measurements these are: {@link DeviceKey}
 * @param entries the entries by problem key
 */
public record TuningDatabase(String origin, String device, SortedMap<String, TuningEntry> entries) {
    public TuningDatabase {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /** A database without entries. */
    public static TuningDatabase empty(String origin, String device) {
        return new TuningDatabase(origin, device, new TreeMap<>());
    }

    /**
     * Reads a file.
     *
     * @return empty if there is no such file
     * @throws QuernException if it cannot be read or is no tuning database; the message names the file
     */
    public static Optional<TuningDatabase> read(String origin, Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            return Optional.of(TuningJson.read(origin, file.toString(), stream));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The entry of a problem. */
    public Optional<TuningEntry> find(String problem) {
        return Optional.ofNullable(entries.get(problem));
    }

    /** This with an entry added; an older one of the same problem is replaced. */
    public TuningDatabase with(TuningEntry entry) {
        SortedMap<String, TuningEntry> more = new TreeMap<>(entries);
        more.put(entry.problem(), entry);
        return new TuningDatabase(origin, device, more);
    }

    /** Writes a file whole or not at all; its folder is made if it does not exist. */
    public void write(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            // Not a temporary file of Java's, which nobody else could read.
            Path temporary = folder.resolve("tuning-" + UUID.randomUUID() + ".tmp");
            try {
                Files.write(temporary, text().getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE_NEW);
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** The file's text. */
    public String text() {
        return TuningJson.text(this);
    }
}
