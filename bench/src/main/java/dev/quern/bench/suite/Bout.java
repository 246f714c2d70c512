package dev.quern.bench.suite;

import dev.quern.bench.peer.PeerTask;
import java.util.List;

/** A case made ready on a device: everybody who takes part. Owns the memory that the candidates use. */
public interface Bout extends AutoCloseable {
    /** The variants. */
    List<Candidate> candidates();

    /** The same work for peers. */
    PeerTask peerTask();

    /** Floating-point operations of one run. */
    double flops();

    /** The least bytes that one run moves, each operand once; 0 where that is not a meaningful number. */
    double bytes();

    @Override
    void close();
}
