package dev.quern.bench.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times contestants in turns, so that what changes on the machine meanwhile meets all of them. Each is warmed up until
 * two blocks in a row agree, or its time for that is over.
 */
public final class Alternation {
    private static final double STABLE = 0.03;

    private final Schedule schedule;

    public Alternation(Schedule schedule) {
        this.schedule = schedule;
    }

    /**
     * Times them.
     *
     * @param rest whether to pause between blocks; needed as soon as a contestant is another process
     * @return the timing of each, in their order
     */
    public List<Timing> time(List<? extends Contestant> contestants, boolean rest) {
        int[] runs = new int[contestants.size()];
        for (int i = 0; i < runs.length; i++) {
            pause(rest);
            runs[i] = warmUp(contestants.get(i));
        }
        List<long[]> samples = new ArrayList<>();
        contestants.forEach(_ -> samples.add(new long[0]));
        for (int round = 0; round < schedule.rounds(); round++) {
            for (int i = 0; i < runs.length; i++) {
                // What is so slow that one run fills a block is not worth five of them.
                if (runs[i] == 1 && round >= 3) {
                    continue;
                }
                pause(rest);
                long[] block = contestants.get(i).block(runs[i] == 1 ? 0 : 1, runs[i]);
                samples.set(i, concatenate(samples.get(i), block));
            }
        }
        return samples.stream().map(Timing::of).toList();
    }

    /** Warms up and returns how many runs make a block. */
    private int warmUp(Contestant contestant) {
        long deadline = System.nanoTime() + schedule.warmMillis() * 1_000_000L;
        double before = Timing.of(contestant.block(0, 1)).median();
        int runs = runsFor(before);
        while (System.nanoTime() < deadline) {
            double now = Timing.of(contestant.block(0, runs)).median();
            boolean agree = Math.abs(now - before) <= STABLE * before;
            before = now;
            runs = runsFor(before);
            if (agree) {
                break;
            }
        }
        return runs;
    }

    private int runsFor(double millis) {
        return (int) Math.clamp(schedule.blockMillis() / Math.max(millis, 1e-6), 1, schedule.mostRuns());
    }

    private void pause(boolean rest) {
        if (rest) {
            try {
                Thread.sleep(schedule.restMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while measuring", e);
            }
        }
    }

    private static long[] concatenate(long[] first, long[] second) {
        long[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
