package dev.quern.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;

/** The child process: does what its input says with the peer that its argument names. */
public final class PeerServer implements AutoCloseable {
    private final Peer peer;
    private Peer.Work work = new Nothing();
    private List<PeerInput> inputs = List.of();

    /** What is prepared while nothing is. */
    private static final class Nothing implements Peer.Work {
        @Override
        public void run() {
            throw new IllegalStateException("nothing has been prepared");
        }

        @Override
        public void close() {
        }
    }

    PeerServer(Peer peer) {
        this.peer = peer;
    }

    /** Serves standard input until it ends. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        // What libraries print must not come between the answers.
        System.setOut(System.err);
        Peer peer = ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.name().equals(arguments[0])).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no peer is named " + arguments[0]));
        try (PeerServer server = new PeerServer(peer);
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.println(server.answer(PeerMessage.ofLine(line)).toLine());
                answers.flush();
            }
        }
        // Threads that a library leaves behind must not keep the process.
        System.exit(0);
    }

    PeerMessage answer(PeerMessage question) {
        try {
            return switch (question) {
                case PeerMessage.Prepare(PeerTask task) -> {
                    work.close();
                    work = new Nothing();
                    inputs = task.inputs();
                    work = peer.prepare(task);
                    yield new PeerMessage.Ready(peer.description());
                }
                case PeerMessage.Run(int warm, int runs) -> new PeerMessage.Times(times(warm, runs));
                case PeerMessage.Compute(String from, String to) -> new PeerMessage.Outputs(
                        TensorFile.writeNumbers(Path.of(to), work.outputs(TensorFile.readTensors(Path.of(from), inputs))));
                case PeerMessage.Ready _, PeerMessage.Declined _, PeerMessage.Times _, PeerMessage.Outputs _,
                        PeerMessage.Failed _ ->
                        new PeerMessage.Failed("not a question: " + question);
            };
        } catch (UnsupportedOperationException e) {
            return new PeerMessage.Declined(e.getMessage());
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return new PeerMessage.Failed(e.toString());
        }
    }

    private long[] times(int warm, int runs) throws Exception {
        for (int i = 0; i < warm; i++) {
            work.run();
        }
        long[] nanos = new long[runs];
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            work.run();
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    @Override
    public void close() {
        work.close();
    }
}
