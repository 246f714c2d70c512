package dev.quern.layers.text;

import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Map;

/** Counts targets that were said right, from the first token to the end. */
final class ExactMatchMeter implements Meter {
    private long samples;
    private long exact;
    private long tokens;
    private long right;

    @Override
    public void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        HostTensor targets = feeds.get(PairFormat.TARGET);
        HostTensor said = outputs.get(Translation.SAID);
        int steps = targets.shape().extent(1);
        for (int row = 0; row < counted; row++) {
            boolean whole = true;
            boolean ended = false;
            for (int step = 0; step < steps && !ended; step++) {
                long at = (long) row * steps + step;
                boolean equal = targets.get(at) == said.get(at);
                whole &= equal;
                right += equal ? 1 : 0;
                tokens++;
                ended = targets.get(at) == PairFormat.END;
            }
            exact += whole ? 1 : 0;
        }
        samples += counted;
    }

    /** {@code exact_match}, the share of targets without a wrong token; {@code token_accuracy}, the share of right tokens. */
    @Override
    public List<Metric> metrics() {
        return List.of(Metric.higher("exact_match", (double) exact / samples), Metric.higher("token_accuracy", (double) right / tokens));
    }
}
