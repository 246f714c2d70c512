package dev.quern.bench.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times contestants in turns, so that what changes on the machine meanwhile meets all of them. Each is warmed up until two
 * blocks in a row agree, or its time for that is over, and then timed until its median is known well enough.
 */
public final class Alternation {
    private static final double STABLE = 0.03;
    /** Who takes so many times as long as the fastest gets one block: how slow exactly is of no interest. */
    private static final double FAR_BEHIND = 5;
    private static final double CONFIDENCE = 0.95;
    /** Who takes longer at first, in nanoseconds, was warm for most of that run, so that it counts. */
    private static final double LONG_RUN = 1e9;

    private final Schedule schedule;
    private Contestant last;

    /** One who takes part, with what was measured so far. */
    private static final class Turn {
        private final Contestant contestant;
        private final List<long[]> blocks = new ArrayList<>();
        private int runs;
        private double warm;

        Turn(Contestant contestant) {
            this.contestant = contestant;
        }
    }

    public Alternation(Schedule schedule) {
        this.schedule = schedule;
    }

    /**
     * Times them, with rests where a process of its own takes part.
     *
     * @return the timing of each, in their order
     */
    public List<Timing> time(List<? extends Contestant> contestants) {
        List<Turn> turns = new ArrayList<>();
        contestants.forEach(contestant -> turns.add(new Turn(contestant)));
        for (Turn turn : turns) {
            rest(turn.contestant);
            warmUp(turn);
        }
        double fastest = turns.stream().mapToDouble(turn -> turn.warm).min().orElse(0);
        for (int round = 0; round < schedule.mostRounds(); round++) {
            for (Turn turn : turns) {
                if (wantsMore(turn, round, fastest)) {
                    rest(turn.contestant);
                    turn.blocks.add(turn.contestant.block(turn.runs == 1 ? 0 : 1, turn.runs));
                }
            }
        }
        return turns.stream().map(turn -> Timing.of(Samples.of(turn.blocks))).toList();
    }

    private boolean wantsMore(Turn turn, int round, double fastest) {
        if (turn.warm > FAR_BEHIND * fastest) {
            return turn.blocks.isEmpty();
        }
        return round < schedule.leastRounds()
                || Samples.of(turn.blocks).medianInterval(CONFIDENCE).relativeHalfWidth() > schedule.halfWidth();
    }

    /** Warms up and finds how many runs make a block. A peer's first run says little: its process starts up and compiles in it. */
    private void warmUp(Turn turn) {
        long first = (long) median(turn.contestant.block(0, 1));
        turn.warm = first;
        turn.runs = runsFor(first);
        if (first > LONG_RUN && !turn.contestant.apart()) {
            turn.blocks.add(new long[] {first});
            return;
        }
        long deadline = System.nanoTime() + schedule.warmMillis() * 1_000_000L;
        while (System.nanoTime() < deadline) {
            double now = median(turn.contestant.block(0, turn.runs));
            boolean agree = Math.abs(now - turn.warm) <= STABLE * turn.warm;
            turn.warm = now;
            turn.runs = runsFor(now);
            if (agree) {
                break;
            }
        }
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private int runsFor(double nanos) {
        return (int) Math.clamp(schedule.blockMillis() * 1e6 / Math.max(nanos, 1), 1, schedule.mostRuns());
    }

    private void rest(Contestant next) {
        boolean change = last != next && (next.apart() || last != null && last.apart());
        last = next;
        if (change) {
            try {
                Thread.sleep(schedule.restMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while measuring", e);
            }
        }
    }
}
