package dev.quern.bench.peer;

import dev.quern.bench.measure.Contestant;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The parent's end of a peer: its process, which is ended on {@link #close()}. */
public final class PeerProcess implements Contestant, AutoCloseable {
    /** CLBlast compiles its kernels at its first product, which takes PoCL more than a minute on two cores, and longer beside others. */
    private static final int ANSWER_SECONDS = 600;
    private static final int GOODBYE_SECONDS = 5;

    private final String name;
    private final Process process;
    private final Path log;
    private final BufferedReader answers;
    private final PrintStream questions;
    private String description = "declined everything";

    private PeerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /**
     * Starts a peer.
     *
     * @param name    its name in reports
     * @param command the program and its arguments, which speaks the protocol of this package
     */
    public static PeerProcess start(String name, List<String> command) {
        try {
            Path log = Files.createTempFile("quern-peer-" + name + "-", ".log");
            Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
            return new PeerProcess(name, process, log);
        } catch (IOException e) {
            throw new QuernException("peer " + name + " does not start: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** How it described itself when it last was ready for a task. */
    public String description() {
        return description;
    }

    @Override
    public boolean apart() {
        return true;
    }

    /** What a peer says to a task. */
    public sealed interface Answer {
        /** It can begin; it describes itself with its version and threads. */
        record Ready(String description) implements Answer {
        }

        /** It does no such work. */
        record Declined(String reason) implements Answer {
        }
    }

    /** Has the peer make ready. */
    public Answer prepare(PeerTask task) {
        return switch (ask(new PeerMessage.Prepare(task))) {
            case PeerMessage.Ready(String version) -> {
                description = version;
                yield new Answer.Ready(version);
            }
            case PeerMessage.Declined(String reason) -> new Answer.Declined(reason);
            case PeerMessage other -> throw unexpected(other);
        };
    }

    @Override
    public long[] block(int warm, int runs) {
        return switch (ask(new PeerMessage.Run(warm, runs))) {
            case PeerMessage.Times(long[] nanos) -> nanos;
            case PeerMessage other -> throw unexpected(other);
        };
    }

    /**
     * Has the peer do what it prepared once, on these inputs.
     *
     * @param inputs one for each of the task's inputs
     * @return the elements of each output; empty where the peer says that there is nothing to compare
     */
    public List<double[]> outputs(List<HostTensor> inputs) {
        try {
            Path from = Files.createTempFile("quern-peer-inputs-", ".bin");
            Path to = Files.createTempFile("quern-peer-outputs-", ".bin");
            try {
                TensorFile.writeTensors(from, inputs);
                return switch (ask(new PeerMessage.Compute(from.toString(), to.toString()))) {
                    case PeerMessage.Outputs(long[] elements) -> TensorFile.readNumbers(to, elements);
                    case PeerMessage.Declined _ -> List.of();
                    case PeerMessage other -> throw unexpected(other);
                };
            } finally {
                Files.deleteIfExists(from);
                Files.deleteIfExists(to);
            }
        } catch (IOException e) {
            throw new QuernException("peer " + name + ": tensors cannot be exchanged: " + e.getMessage(), e);
        }
    }

    private QuernException unexpected(PeerMessage answer) {
        return new QuernException("peer " + name + ": "
                + (answer instanceof PeerMessage.Failed(String reason) ? reason : "unexpected answer " + answer));
    }

    private PeerMessage ask(PeerMessage question) {
        questions.println(question.toLine());
        try {
            String line = CompletableFuture.supplyAsync(this::nextAnswer).get(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (line.isEmpty()) {
                throw new QuernException("peer " + name + " ended" + lastWords());
            }
            return PeerMessage.ofLine(line);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new QuernException("peer " + name + " did not answer within " + ANSWER_SECONDS + " s" + lastWords(), e);
        } catch (ExecutionException e) {
            throw new QuernException("peer " + name + " cannot be heard: " + e.getCause().getMessage() + lastWords(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for peer " + name, e);
        }
    }

    /** The next line that is an answer, for native libraries may print lines of their own; empty at the end. */
    private String nextAnswer() {
        try {
            String line = answers.readLine();
            while (line != null && !line.startsWith("{")) {
                line = answers.readLine();
            }
            return line == null ? "" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
            return lines.isEmpty() ? "" : ": " + lines.getLast().strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        questions.close();
        try {
            if (!process.waitFor(GOODBYE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(log);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // A log left behind in the folder for temporary files does no harm.
        }
    }
}
