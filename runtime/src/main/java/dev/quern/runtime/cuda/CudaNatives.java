package dev.quern.runtime.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

import dev.quern.runtime.cache.CacheFolder;
import jcuda.JCudaVersion;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JCuda's native library: unpacked to a folder of the user's own, checked by its SHA-256 and loaded from there. JCuda itself would
 * unpack it to one fixed name in the folder for temporary files, and load whatever somebody else put there under that name.
 */
final class CudaNatives {
    private static final Logger LOG = LoggerFactory.getLogger(CudaNatives.class);
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

    private CudaNatives() {
    }

    /** The library's name for this system, whether there is one or not: {@code libJCudaDriver-12.6.0-linux-x86_64.so}. */
    static String fileName() {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        // JCuda calls the same processors by one name.
        String name = "JCudaDriver-" + JCudaVersion.get() + (NativeLibrary.windows() ? "-windows-" : "-linux-")
                + (machine.equals("amd64") ? "x86_64" : machine);
        return NativeLibrary.windows() ? name + ".dll" : "lib" + name + ".so";
    }

    /** The library's bytes. */
    private static byte[] resource() throws IOException {
        String resource = "/lib/" + fileName();
        try (InputStream stream = JCudaDriver.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IOException("there is no " + resource + " on the class path (jcuda-natives has it for 64-bit x86 under Linux "
                        + "and Windows)");
            }
            return stream.readAllBytes();
        }
    }

    /**
     * Loads JCuda with its library; a second call does nothing.
     *
     * @throws IOException  if the library cannot be unpacked
     * @throws LinkageError if it cannot be loaded
     */
    static synchronized void load() throws IOException {
        byte[] library = resource();
        Path file = unpack(library, CacheFolder.ofUser().resolve("quern").resolve("natives"), fileName());
        // JCuda reads this property whenever it loads a library, and takes a file that is already there as it is.
        String before = System.getProperty(TEMPORARY_FOLDER);
        System.setProperty(TEMPORARY_FOLDER, file.getParent().toString());
        try {
            JCudaDriver.setExceptionsEnabled(false);
        } finally {
            System.setProperty(TEMPORARY_FOLDER, before);
        }
    }

    /**
     * Writes a library to a folder named by its hash, unless it is there and whole. Several processes may do so at a time.
     *
     * @param folder where libraries are kept
     * @return the file
     */
    static Path unpack(byte[] library, Path folder, String name) throws IOException {
        byte[] hash = sha256().digest(library);
        Path own = folder.resolve(HexFormat.of().formatHex(hash, 0, 8));
        Path file = own.resolve(name);
        if (holds(file, hash)) {
            return file;
        }
        CacheFolder.createPrivate(own);
        Path temporary = Files.createTempFile(own, name, ".tmp");
        try {
            Files.write(temporary, library);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            LOG.debug("unpacked {}", file);
        } finally {
            Files.deleteIfExists(temporary);
        }
        if (!holds(file, hash)) {
            throw new IOException(file + " is not what was written to it");
        }
        return file;
    }

    private static boolean holds(Path file, byte[] hash) throws IOException {
        try {
            return Arrays.equals(sha256().digest(Files.readAllBytes(file)), hash);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
