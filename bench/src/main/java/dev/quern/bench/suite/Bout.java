package dev.quern.bench.suite;

import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A case made ready on a device: everybody who takes part. Owns the memory that the candidates use. */
public interface Bout extends AutoCloseable {
    /** The variants. */
    List<Candidate> candidates();

    /** The same work for peers, where they can do it. */
    Optional<PeerTask> peerTask();

    /** What to let a peer compute, so that its result can be compared; empty where there is no such comparison. */
    default List<HostTensor> peerInputs() {
        return List.of();
    }

    /**
     * How far a peer's outputs for {@link #peerInputs} are from this case's, relative as in {@link Candidate.Verified}; empty
     * where the peer gives other outputs.
     */
    default OptionalDouble peerError(List<double[]> outputs) {
        return OptionalDouble.empty();
    }

    /** Floating-point operations of one run. */
    double flops();

    /** The least bytes that one run moves, each operand once; 0 where that is not a meaningful number. */
    double bytes();

    /** How many of the bytes are written. */
    default double written() {
        return 0;
    }

    /** Other work whose rate, measured in turns with the candidates, is this work's ceiling; empty where {@link Yardsticks} are. */
    default Optional<Yardstick> yardstick() {
        return Optional.empty();
    }

    @Override
    void close();
}
