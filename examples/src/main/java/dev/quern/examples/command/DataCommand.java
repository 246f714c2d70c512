package dev.quern.examples.command;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.cache.CacheFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern data}: fetches a data set from the network. */
@Command(name = "data", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Download a data set, check it and say how to train on it. Training never downloads anything by itself.",
        footer = {"", "What is there already and has the right checksum is not fetched again; a download that was cut off goes on."})
final class DataCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SET", description = "The data set: mnist (11.6 MB).")
    private String name;

    @Option(names = "--dir", paramLabel = "DIR", description = "The folder for its files. By default one in the user's cache folder.")
    private Optional<Path> folder;

    @Option(names = "--from", paramLabel = "URL", description = "Another server's folder with the same files.")
    private Optional<String> from;

    @Override
    public Integer call() {
        RemoteData data = RemoteData.named(name).orElseThrow(() -> new UsageException("data set '" + name + "': there is "
                + String.join(", ", RemoteData.names())));
        URI base = from.map(DataCommand::address).orElse(data.base());
        Path target = folder.orElseGet(() -> CacheFolder.ofUser().resolve("quern").resolve("data").resolve(data.name()));
        try {
            Files.createDirectories(target);
        } catch (IOException e) {
            throw new QuernException("the folder " + target + " cannot be made (" + e.getClass().getSimpleName() + " " + e.getMessage()
                    + "); --dir DIR names another", e);
        }
        PrintWriter out = spec.commandLine().getOut();
        fetch(data, base, target, out);
        out.println("train on it with: quern train " + data.model() + " --data " + target);
        return 0;
    }

    /** Fetches what is missing. */
    static void fetch(RemoteData data, URI base, Path target, PrintWriter out) {
        for (RemoteFile file : data.files()) {
            if (file.isIn(target)) {
                out.println(file.name() + ": is there");
            } else {
                fetch(file, base, target, out);
            }
        }
    }

    private static void fetch(RemoteFile file, URI base, Path target, PrintWriter out) {
        boolean watched = Terminal.isWatched();
        long[] received = new long[1];
        try {
            file.fetch(base, target, (bytes, all) -> {
                received[0] = bytes;
                if (watched) {
                    System.err.print(String.format(Locale.ROOT, "\r%s: %,d%s bytes", file.name(), bytes,
                            all < 0 ? "" : String.format(Locale.ROOT, " of %,d", all)));
                    System.err.flush();
                }
            });
        } finally {
            if (watched) {
                // The line is taken away again.
                System.err.print("\r\033[K");
                System.err.flush();
            }
        }
        out.println(String.format(Locale.ROOT, "%s: %,d bytes, %s as expected", file.name(), received[0], file.algorithm()));
    }

    private static URI address(String given) {
        try {
            URI address = URI.create(given);
            if (("http".equals(address.getScheme()) || "https".equals(address.getScheme())) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--from " + given + ": is no address: " + e.getMessage());
        }
        throw new UsageException("--from " + given + ": needs an address that begins with http:// or https://");
    }
}
