package dev.quern.runtime.opencl;

import java.util.Arrays;
import java.util.List;

/**
 * Deals a list of launches out to two in-order queues, so that launches which do not need each other may overlap, while
 * the results stay those of running them in order. Two launches need each other if their memory overlaps and one of them
 * writes it.
 *
 * <p>Why: PoCL's idle threads sleep between the launches of an in-order queue, and waking one takes ten to fifteen
 * microseconds, during which a small launch runs on one core. With a second queue they find work instead. In a training
 * step the weights' gradients and updates can run beside the chain of the inputs' gradients.
 *
 * <p>Lane 0 is the device's queue. It takes the launches on the longest chain of needs; lane 1 takes what others need
 * later or not at all.
 */
final class Lanes {
    /** For {@link #waitsFor}: nothing to wait for. */
    static final int NOTHING = -1;

    private final int[] lane;
    private final int[] waitsFor;
    private final boolean[] awaited;
    private final int joined;
    private final boolean two;

    /**
     * One use of memory by a launch.
     *
     * @param memory what owns the bytes
     * @param start  the first byte
     * @param end    the byte after the last
     * @param writes whether the launch may change them
     */
    record Access(Object memory, long start, long end, boolean writes) {
        boolean conflicts(Access other) {
            return memory == other.memory && (writes || other.writes) && start < other.end && other.start < end;
        }
    }

    private Lanes(int[] lane, int[] waitsFor, boolean[] awaited, int joined) {
        this.lane = lane;
        this.waitsFor = waitsFor;
        this.awaited = awaited;
        this.joined = joined;
        this.two = Arrays.stream(lane).anyMatch(each -> each == 1);
    }

    /** Everything on lane 0. */
    static Lanes single(int launches) {
        int[] waits = new int[launches];
        Arrays.fill(waits, NOTHING);
        return new Lanes(new int[launches], waits, new boolean[launches], NOTHING);
    }

    /** Deals launches out by what each accesses. */
    static Lanes deal(List<List<Access>> launches) {
        int count = launches.size();
        boolean[][] needs = needs(launches);
        int[] lane = lanes(needs, heights(needs));
        int[] waits = new int[count];
        boolean[] awaited = new boolean[count];
        int[] reached = {NOTHING, NOTHING};
        int[] last = {NOTHING, NOTHING};
        for (int at = 0; at < count; at++) {
            int own = lane[at];
            int latest = NOTHING;
            for (int before = at - 1; before >= 0 && latest == NOTHING; before--) {
                if (lane[before] != own && needs[at][before]) {
                    latest = before;
                }
            }
            if (own == 1 && last[1] == NOTHING) {
                // What was given to the device before this list ran on lane 0: launch 0 comes after it.
                latest = Math.max(latest, 0);
            }
            // Lanes run in order: having waited for a launch is having waited for those before it.
            waits[at] = latest > reached[own] ? latest : NOTHING;
            if (waits[at] != NOTHING) {
                reached[own] = latest;
                awaited[latest] = true;
            }
            last[own] = at;
        }
        int join = last[1] > reached[0] ? last[1] : NOTHING;
        if (join != NOTHING) {
            awaited[join] = true;
        }
        return new Lanes(lane, waits, awaited, join);
    }

    private static boolean[][] needs(List<List<Access>> launches) {
        boolean[][] needs = new boolean[launches.size()][];
        for (int later = 0; later < needs.length; later++) {
            needs[later] = new boolean[later];
            for (int earlier = 0; earlier < later; earlier++) {
                needs[later][earlier] = conflict(launches.get(later), launches.get(earlier));
            }
        }
        return needs;
    }

    private static boolean conflict(List<Access> one, List<Access> other) {
        for (Access a : one) {
            for (Access b : other) {
                if (a.conflicts(b)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The number of launches on the longest chain that starts at each. */
    private static int[] heights(boolean[][] needs) {
        int[] heights = new int[needs.length];
        Arrays.fill(heights, 1);
        for (int later = needs.length - 1; later >= 0; later--) {
            for (int earlier = 0; earlier < later; earlier++) {
                if (needs[later][earlier]) {
                    heights[earlier] = Math.max(heights[earlier], heights[later] + 1);
                }
            }
        }
        return heights;
    }

    private static int[] lanes(boolean[][] needs, int[] heights) {
        int count = heights.length;
        int[] highestAfter = new int[count];
        for (int at = count - 2; at >= 0; at--) {
            highestAfter[at] = Math.max(highestAfter[at + 1], heights[at + 1]);
        }
        int[] lane = new int[count];
        int[] tail = {NOTHING, NOTHING};
        for (int at = 0; at < count; at++) {
            int chosen;
            if (at == 0 || heights[at] > highestAfter[at]) {
                chosen = 0;
            } else if (heights[at] < highestAfter[at]) {
                chosen = 1;
            } else if (needs(needs, at, tail[0])) {
                chosen = 0;
            } else if (needs(needs, at, tail[1])) {
                chosen = 1;
            } else {
                chosen = tail[0] < tail[1] ? 0 : 1;
            }
            lane[at] = chosen;
            tail[chosen] = at;
        }
        return lane;
    }

    private static boolean needs(boolean[][] needs, int later, int earlier) {
        return earlier != NOTHING && needs[later][earlier];
    }

    /** Whether lane 1 has any launch. */
    boolean two() {
        return two;
    }

    /** The lane of a launch, 0 or 1. */
    int lane(int launch) {
        return lane[launch];
    }

    /** The launch of the other lane that must be done before this one, or {@link #NOTHING}. */
    int waitsFor(int launch) {
        return waitsFor[launch];
    }

    /** Whether a launch of the other lane, or the end, waits for this one. */
    boolean awaited(int launch) {
        return awaited[launch];
    }

    /** The launch of lane 1 that lane 0 must wait for at the end, or {@link #NOTHING}. */
    int joined() {
        return joined;
    }
}
