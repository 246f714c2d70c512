package dev.quern.kernels.tune;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.cache.CacheFolder;
import dev.quern.runtime.cache.ProgramCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tuning databases that count for a device, the one that goes first in front: the user's own, then the shipped one of the
 * device's class.
 *
 * @param databases the databases
 */
public record Tuning(List<TuningDatabase> databases) {
    /** The system property that names the folder of the user's databases; {@code off} turns tuning results off. */
    public static final String FOLDER_PROPERTY = "quern.tuning";

    private static final int HASH_DIGITS = 8;
    private static final Tuning NONE = new Tuning(List.of());

    public Tuning {
        databases = List.copyOf(databases);
    }

    /** No tuning results: the heuristic decides. */
    public static Tuning none() {
        return NONE;
    }

    /**
     * What counts for a device.
     *
     * @throws QuernException if the user's database is there but damaged
     */
    public static Tuning of(DeviceInfo device) {
        if (System.getProperty(FOLDER_PROPERTY, "").equals("off")) {
            return NONE;
        }
        List<TuningDatabase> databases = new ArrayList<>();
        TuningDatabase.read("user", userFile(device)).ifPresent(databases::add);
        DeviceKey.shipped(device).flatMap(Tuning::shipped).ifPresent(databases::add);
        return new Tuning(databases);
    }

    /** The user's database of a device: in the folder that {@value #FOLDER_PROPERTY} names, else in the platform's for caches. */
    public static Path userFile(DeviceInfo device) {
        String named = System.getProperty(FOLDER_PROPERTY, "");
        Path folder = named.isEmpty() || named.equals("off") ? CacheFolder.ofUser().resolve("quern").resolve("tuning")
                : Path.of(named);
        return folder.resolve(DeviceKey.fileName(device));
    }

    /** The database that the project ships for a class of devices, if it ships one. */
    public static Optional<TuningDatabase> shipped(String deviceClass) {
        String file = deviceClass + ".json";
        try (InputStream stream = Tuning.class.getResourceAsStream(file)) {
            return stream == null ? Optional.empty() : Optional.of(TuningJson.read("shipped", file, stream));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * An entry with the database that it is from.
     *
     * @param entry  the entry
     * @param origin the database's origin
     */
    public record Hit(TuningEntry entry, String origin) {
    }

    /** What is known of a problem, most trusted first. */
    public List<Hit> find(String problem) {
        List<Hit> hits = new ArrayList<>();
        for (TuningDatabase database : databases) {
            database.find(problem).ifPresent(entry -> hits.add(new Hit(entry, database.origin())));
        }
        return hits;
    }

    /** A short hash of every entry that could count: plans that were made with equal hashes chose alike. */
    public String hash() {
        return ProgramCache.key(databases.stream().map(TuningDatabase::text).toList()).substring(0, HASH_DIGITS);
    }
}
