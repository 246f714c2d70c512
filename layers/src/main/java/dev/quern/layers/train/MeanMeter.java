package dev.quern.layers.train;

import dev.quern.runtime.HostTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The means of outputs that have one number a row. */
public final class MeanMeter implements Meter {
    private final List<Metric> kinds;
    private final double[] sums;
    private long rows;

    private MeanMeter(List<Metric> kinds) {
        this.kinds = kinds;
        this.sums = new double[kinds.size()];
    }

    /** Of outputs F32 [batch] of which less is better, the one to look at first. */
    public static MeanMeter lower(String... outputs) {
        return new MeanMeter(Arrays.stream(outputs).map(name -> Metric.lower(name, 0)).toList());
    }

    /** Of outputs F32 [batch] of which more is better, the one to look at first. */
    public static MeanMeter higher(String... outputs) {
        return new MeanMeter(Arrays.stream(outputs).map(name -> Metric.higher(name, 0)).toList());
    }

    @Override
    public void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        for (int i = 0; i < sums.length; i++) {
            for (int row = 0; row < counted; row++) {
                sums[i] += outputs.get(kinds.get(i).name()).get(row);
            }
        }
        rows += counted;
    }

    @Override
    public List<Metric> metrics() {
        return IntStream.range(0, sums.length).mapToObj(i -> new Metric(kinds.get(i).name(), sums[i] / rows, kinds.get(i).better())).toList();
    }
}
