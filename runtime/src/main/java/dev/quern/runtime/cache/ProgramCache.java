package dev.quern.runtime.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of compiled programs, one file a program, named by the SHA-256 of everything that the compilation depended
 * on. A file holds a magic word, the SHA-256 of the program and the program: what was cut off or altered is not given to
 * a driver, because drivers may end the process over it (PoCL 3.1 does).
 *
 * <p>The cache is a convenience: nothing in it throws. A folder that cannot be written is reported once and not used.
 */
public final class ProgramCache {
    /** The system property that names the folder; {@code off} turns the cache off. */
    public static final String FOLDER_PROPERTY = "quern.cache";

    private static final Logger LOG = LoggerFactory.getLogger(ProgramCache.class);
    private static final byte[] MAGIC = "QUERNP01".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST_BYTES = 32;
    private static final int HEADER_BYTES = MAGIC.length + DIGEST_BYTES;
    private static final String SUFFIX = ".program";
    /** Past this size the files that were not used for longest go. */
    private static final long MOST_BYTES = 256L << 20;
    private static final int STORES_BETWEEN_PRUNING = 64;

    private final Optional<Path> folder;
    private int storesUntilPruning;

    private ProgramCache(Optional<Path> folder) {
        this.folder = folder;
    }

    /** The user's cache: the folder that {@value #FOLDER_PROPERTY} names, else the platform's place for caches. */
    public static ProgramCache ofUser() {
        String named = System.getProperty(FOLDER_PROPERTY, "");
        if (named.equals("off")) {
            return none();
        }
        return at(named.isEmpty() ? CacheFolder.ofUser().resolve("quern").resolve("programs") : Path.of(named));
    }

    /** A cache in this folder, which is made if it does not exist. */
    public static ProgramCache at(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                CacheFolder.createPrivate(folder);
            }
            if (!Files.isWritable(folder)) {
                throw new IOException("it is not writable");
            }
            return new ProgramCache(Optional.of(folder));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info("compiled programs are not kept: folder {}: {} (-D{}=FOLDER names another)", folder, e.getMessage(),
                    FOLDER_PROPERTY);
            return none();
        }
    }

    /** A cache that keeps nothing. */
    public static ProgramCache none() {
        return new ProgramCache(Optional.empty());
    }

    /** Whether there is a folder to keep programs in. */
    public boolean enabled() {
        return folder.isPresent();
    }

    /** The name of a program that depends on these texts, in this order. */
    public static String key(List<String> dependsOn) {
        MessageDigest digest = sha256();
        for (String text : dependsOn) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The program of that name, if it is there and whole. */
    public Optional<byte[]> load(String key) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        Path file = file(folder.get(), key);
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!whole(bytes)) {
                LOG.debug("{} is damaged; the program is compiled again", file);
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return Optional.of(Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.debug("{} cannot be read; the program is compiled again", file, e);
            return Optional.empty();
        }
    }

    private static boolean whole(byte[] file) {
        if (file.length <= HEADER_BYTES || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return false;
        }
        MessageDigest digest = sha256();
        digest.update(file, HEADER_BYTES, file.length - HEADER_BYTES);
        return Arrays.equals(file, MAGIC.length, HEADER_BYTES, digest.digest(), 0, DIGEST_BYTES);
    }

    /** Keeps a program under a name; an older one of that name is replaced as a whole. */
    public synchronized void store(String key, byte[] program) {
        if (folder.isEmpty()) {
            return;
        }
        Path target = file(folder.get(), key);
        Path temporary = null;
        try {
            temporary = Files.createTempFile(folder.get(), key.substring(0, 8), ".tmp");
            Files.write(temporary, ByteBuffer.allocate(HEADER_BYTES + program.length).put(MAGIC)
                    .put(sha256().digest(program)).put(program).array());
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            temporary = null;
            if (storesUntilPruning-- == 0) {
                storesUntilPruning = STORES_BETWEEN_PRUNING;
                prune(folder.get());
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be written; the program will be compiled again next time", target, e);
        } finally {
            discard(temporary);
        }
    }

    private static void discard(Path temporary) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be removed", temporary, e);
        }
    }

    /** Forgets a program that a driver refused. */
    public void remove(String key) {
        folder.ifPresent(place -> discard(file(place, key)));
    }

    private static void prune(Path folder) throws IOException {
        record Kept(Path file, long bytes, FileTime used) {
            static Kept of(Path file) {
                try {
                    return new Kept(file, Files.size(file), Files.getLastModifiedTime(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Kept> newestFirst = files.filter(file -> file.toString().endsWith(SUFFIX)).map(Kept::of)
                    .sorted(Comparator.comparing(Kept::used).reversed()).toList();
            long total = 0;
            for (Kept kept : newestFirst) {
                total += kept.bytes;
                if (total > MOST_BYTES) {
                    Files.deleteIfExists(kept.file);
                }
            }
        } catch (UncheckedIOException e) {
            // Another process pruned at the same time.
            LOG.debug("pruning {} stopped", folder, e);
        }
    }

    private static Path file(Path folder, String key) {
        return folder.resolve(key + SUFFIX);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
