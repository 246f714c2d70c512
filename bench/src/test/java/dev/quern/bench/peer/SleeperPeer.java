package dev.quern.bench.peer;

import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.stream.LongStream;

/** A peer for tests: pauses, and says that its inputs are its outputs. */
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
            public List<double[]> outputs(List<HostTensor> inputs) {
                if (task instanceof PeerTask.Gemm) {
                    throw new UnsupportedOperationException("sleeps only");
                }
                return inputs.stream().map(input -> LongStream.range(0, input.shape().elements())
                        .mapToDouble(input::get).toArray()).toList();
            }

            @Override
            public void close() {
            }
        };
    }
}
