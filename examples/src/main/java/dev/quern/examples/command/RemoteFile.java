package dev.quern.examples.command;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A file on a server with the checksum that it must have. It is fetched into {@code NAME.part}, which a later try goes on with, and takes
 * its name once its checksum is right.
 *
 * @param name      the file's name, here and there
 * @param algorithm of the checksum: {@code MD5}, {@code SHA-256}
 * @param checksum  in lower-case hexadecimal digits
 */
record RemoteFile(String name, String algorithm, String checksum) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CHUNK = 1 << 16;
    private static final int PARTIAL_CONTENT = 206;
    private static final int OK = 200;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** Who is told how far a download is. */
    @FunctionalInterface
    interface Progress {
        /**
         * Some more has come.
         *
         * @param bytes what there is now, with what an earlier try left
         * @param all   what there will be, or -1 if the server does not tell
         */
        void at(long bytes, long all);
    }

    /** Whether a folder has the file, whole and as it should be. */
    boolean isIn(Path folder) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) && checksum.equals(checksumOf(file));
    }

    /**
     * Fetches the file into a folder, or the rest of it where an earlier try was cut off.
     *
     * @param base the address of the server's folder
     * @throws QuernException if the server cannot be reached or has no such file, the connection is cut, the checksum is another, or the
     *                        folder cannot be written
     */
    void fetch(URI base, Path folder, Progress progress) {
        fetch(base, folder, progress, PATIENCE);
    }

    /** The same with another patience for a server that does not answer or stops sending. */
    void fetch(URI base, Path folder, Progress progress, Duration patience) {
        URI address = URI.create((base.toString().endsWith("/") ? base.toString() : base + "/") + name);
        Path part = folder.resolve(name + ".part");
        long had = sizeOf(part);
        receive(address, part, had, progress, patience);
        String found = checksumOf(part);
        if (had > 0 && !checksum.equals(found)) {
            // What an earlier try left may be of another file: once more from the start.
            receive(address, part, 0, progress, patience);
            found = checksumOf(part);
        }
        try {
            if (!checksum.equals(found)) {
                Files.delete(part);
                throw new QuernException(address + " is not the file that it should be: its " + algorithm + " is " + found + ", expected "
                        + checksum + "; nothing was kept");
            }
            Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new QuernException(folder.resolve(name) + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Receives what is missing behind the first {@code had} bytes. */
    private void receive(URI address, Path part, long had, Progress progress, Duration patience) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience);
        if (had > 0) {
            request.header("Range", "bytes=" + had + "-");
        }
        try (HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(patience).build()) {
            HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body(); StallGuard guard = new StallGuard(body, patience)) {
                boolean rest = response.statusCode() == PARTIAL_CONTENT
                        && response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + had + "-");
                if (response.statusCode() == RANGE_NOT_SATISFIABLE && had > 0) {
                    // Nothing is behind what there is: the checksum tells whether that is all.
                    return;
                }
                if (response.statusCode() != OK && !rest) {
                    throw new QuernException(address + ": the server answers " + response.statusCode()
                            + "; --from URL takes the files from another one");
                }
                // A server that does not know ranges sends everything.
                copy(new Incoming(address, body, guard, patience), part, rest ? had : 0,
                        response.headers().firstValueAsLong("Content-Length").orElse(-1), progress);
            }
        } catch (IOException e) {
            throw new QuernException(address + " cannot be reached (" + said(e) + "): is there a network?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuernException(address + ": interrupted", e);
        }
    }

    /** What a server sends. */
    private record Incoming(URI address, InputStream body, StallGuard guard, Duration patience) {
        /** Reads some more; -1 at the end. */
        int next(byte[] chunk, long done, long all) {
            String soFar = " after " + done + (all < 0 ? "" : " of " + all) + " bytes; the same command goes on from there";
            try {
                int read = body.read(chunk);
                guard.moved();
                return read;
            } catch (IOException e) {
                throw new QuernException(address + (guard.stalled() ? ": the server sent nothing for " + patience.toMillis() / 1000.0 + " s"
                        : ": the connection was cut") + soFar, e);
            }
        }
    }

    private static void copy(Incoming incoming, Path part, long had, long length, Progress progress) throws IOException {
        long all = length < 0 ? -1 : had + length;
        long done = had;
        try (OutputStream out = open(part, had > 0)) {
            byte[] chunk = new byte[CHUNK];
            for (int read = incoming.next(chunk, done, all); read >= 0; read = incoming.next(chunk, done, all)) {
                write(part, out, chunk, read);
                done += read;
                progress.at(done, all);
            }
        }
    }

    private static OutputStream open(Path part, boolean append) {
        try {
            return Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new QuernException(part + " cannot be written (" + said(e) + "); --dir DIR names another folder", e);
        }
    }

    private static void write(Path part, OutputStream out, byte[] chunk, int count) {
        try {
            out.write(chunk, 0, count);
        } catch (IOException e) {
            throw new QuernException(part + " cannot be written (" + said(e) + "); --dir DIR names another folder", e);
        }
    }

    private static long sizeOf(Path part) {
        try {
            return Files.isRegularFile(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw new QuernException(part + " cannot be read: " + said(e), e);
        }
    }

    private String checksumOf(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new QuernException(file + " cannot be read: " + said(e), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException(algorithm, e);
        }
    }

    /** Some exceptions say nothing but what they are, and some nothing but a file's name. */
    private static String said(IOException problem) {
        String kind = problem.getClass().getSimpleName().replaceAll("Exception$", "");
        return problem.getMessage() == null ? kind : kind + ": " + problem.getMessage();
    }
}
