package dev.quern.bench.peer;

/** A peer for tests: pauses. */
public final class SleeperPeer implements Peer {
    @Override
    public String name() {
        return "sleeper";
    }

    @Override
    public String description() {
        return "sleeps a millisecond";
    }

    @Override
    public Work prepare(PeerTask task) {
        if (task instanceof PeerTask.Train) {
            throw new UnsupportedOperationException("cannot train");
        }
        return new Work() {
            @Override
            public void run() throws InterruptedException {
                Thread.sleep(1);
            }

            @Override
            public void close() {
            }
        };
    }
}
