package dev.quern.graph.plan;

import dev.quern.graph.plan.Layout.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Places temporaries whose lifetimes are known in as little memory as it can. Each strategy is an order; in that order every
 * temporary takes the lowest gap that fits among those placed before whose lifetimes overlap its own. The smallest result is
 * kept, of equal ones the first, and then repaired: what sticks out on top is placed first in the next try, as long as that
 * may still help.
 */
public final class MemoryPlanner {
    /** Most tries of repairing. */
    private static final int REPAIRS = 400;
    /** Most work of repairing, in pairs of temporaries looked at: under a second for any model. */
    private static final long REPAIR_WORK = 40_000_000;

    private final long alignment;
    private final long largestBlock;

    /**
     * A planner.
     *
     * @param alignment    offsets and lengths are multiples of this
     * @param largestBlock no block is longer
     */
    public MemoryPlanner(long alignment, long largestBlock) {
        this.alignment = alignment;
        this.largestBlock = largestBlock / alignment * alignment;
    }

    /**
     * Places temporaries.
     *
     * @throws IllegalArgumentException if one alone is longer than the largest block
     */
    public Layout plan(List<Lifetime> lifetimes) {
        for (Lifetime lifetime : lifetimes) {
            if (aligned(lifetime.bytes()) > largestBlock) {
                throw new IllegalArgumentException(lifetime.label() + ": " + lifetime.bytes()
                        + " bytes are more than the largest block of " + largestBlock);
            }
        }
        long bound = bound(lifetimes);
        Layout best = null;
        for (Map.Entry<String, Comparator<Integer>> strategy : strategies(lifetimes).entrySet()) {
            List<Integer> order = IntStream.range(0, lifetimes.size()).boxed().sorted(strategy.getValue()).toList();
            Layout layout = place(lifetimes, order, bound, strategy.getKey());
            if (best == null || layout.bytes() < best.bytes()) {
                best = layout;
            }
        }
        return repair(lifetimes, best);
    }

    /** Tries again with the temporaries at the top of the arena placed first; deterministic, and bounded in its work. */
    private Layout repair(List<Lifetime> lifetimes, Layout start) {
        Layout best = start;
        Layout current = start;
        List<Integer> order = new ArrayList<>(IntStream.range(0, lifetimes.size()).boxed()
                .sorted(strategies(lifetimes).get(start.strategy())).toList());
        long tries = REPAIR_WORK / Math.max(1, (long) lifetimes.size() * lifetimes.size());
        for (long attempt = 0; attempt < Math.min(tries, REPAIRS) && best.bytes() > best.bound(); attempt++) {
            int top = top(lifetimes, current);
            order.remove((Integer) top);
            order.addFirst(top);
            current = place(lifetimes, order, start.bound(), start.strategy() + ", repaired");
            if (current.bytes() < best.bytes()) {
                best = current;
            }
        }
        return best;
    }

    private int top(List<Lifetime> lifetimes, Layout layout) {
        int top = 0;
        long highest = -1;
        for (int i = 0; i < lifetimes.size(); i++) {
            long end = layout.places().get(i).offset() + aligned(lifetimes.get(i).bytes());
            if (end > highest) {
                highest = end;
                top = i;
            }
        }
        return top;
    }

    private static Map<String, Comparator<Integer>> strategies(List<Lifetime> lifetimes) {
        Comparator<Integer> bySize = Comparator.comparingLong((Integer i) -> -lifetimes.get(i).bytes());
        Comparator<Integer> byFirst = Comparator.comparingInt(i -> lifetimes.get(i).first());
        Comparator<Integer> byLength = Comparator.comparingInt(i -> lifetimes.get(i).first() - lifetimes.get(i).last());
        Comparator<Integer> byArea = Comparator.comparingDouble(i -> -(double) lifetimes.get(i).bytes()
                * (lifetimes.get(i).last() - lifetimes.get(i).first() + 1));
        int peak = peak(lifetimes);
        Comparator<Integer> byPeak = Comparator.comparing(i -> lifetimes.get(i).first() > peak
                || lifetimes.get(i).last() < peak);
        Comparator<Integer> byNumber = Comparator.naturalOrder();
        Map<String, Comparator<Integer>> strategies = new LinkedHashMap<>();
        strategies.put("largest first", bySize.thenComparing(byFirst).thenComparing(byNumber));
        strategies.put("live at the peak first", byPeak.thenComparing(bySize).thenComparing(byNumber));
        strategies.put("longest lived first", byLength.thenComparing(bySize).thenComparing(byNumber));
        strategies.put("largest area first", byArea.thenComparing(byNumber));
        strategies.put("in order of use", byFirst.thenComparing(bySize).thenComparing(byNumber));
        return strategies;
    }

    private Layout place(List<Lifetime> lifetimes, List<Integer> order, long bound, String strategy) {
        Place[] places = new Place[lifetimes.size()];
        List<Block> blocks = new ArrayList<>();
        for (int index : order) {
            Lifetime lifetime = lifetimes.get(index);
            long bytes = aligned(lifetime.bytes());
            for (int number = 0; places[index] == null; number++) {
                if (number == blocks.size()) {
                    blocks.add(new Block());
                }
                long offset = blocks.get(number).lowestGap(lifetime, bytes);
                if (offset + bytes <= largestBlock) {
                    blocks.get(number).add(lifetime, offset, bytes);
                    places[index] = new Place(number, offset);
                }
            }
        }
        return new Layout(List.of(places), blocks.stream().map(block -> block.length).toList(), bound, strategy);
    }

    /** What a block holds, in the order of offsets. */
    private static final class Block {
        private int count;
        private long[] starts = new long[16];
        private long[] ends = new long[16];
        private int[] first = new int[16];
        private int[] last = new int[16];
        private long length;

        private long lowestGap(Lifetime lifetime, long bytes) {
            long offset = 0;
            for (int i = 0; i < count; i++) {
                if (first[i] <= lifetime.last() && lifetime.first() <= last[i]) {
                    if (offset + bytes <= starts[i]) {
                        return offset;
                    }
                    offset = Math.max(offset, ends[i]);
                }
            }
            return offset;
        }

        private void add(Lifetime lifetime, long offset, long bytes) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
                first = Arrays.copyOf(first, 2 * count);
                last = Arrays.copyOf(last, 2 * count);
            }
            int at = count;
            while (at > 0 && starts[at - 1] > offset) {
                at--;
            }
            for (Object array : new Object[] {starts, ends, first, last}) {
                System.arraycopy(array, at, array, at + 1, count - at);
            }
            starts[at] = offset;
            ends[at] = offset + bytes;
            first[at] = lifetime.first();
            last[at] = lifetime.last();
            count++;
            length = Math.max(length, offset + bytes);
        }
    }

    /** The most bytes live at one step. */
    private long bound(List<Lifetime> lifetimes) {
        return Arrays.stream(live(lifetimes, each -> aligned(each.bytes()))).max().orElse(0);
    }

    /** The bytes live at each step. */
    private static long[] live(List<Lifetime> lifetimes, ToLongFunction<Lifetime> bytes) {
        long[] live = new long[2 + lifetimes.stream().mapToInt(Lifetime::last).max().orElse(0)];
        for (Lifetime each : lifetimes) {
            live[each.first()] += bytes.applyAsLong(each);
            live[each.last() + 1] -= bytes.applyAsLong(each);
        }
        for (int step = 1; step < live.length; step++) {
            live[step] += live[step - 1];
        }
        return live;
    }

    /** A step at which the most bytes are live: of several, that of the first lifetime that begins at one. */
    private static int peak(List<Lifetime> lifetimes) {
        long[] live = live(lifetimes, Lifetime::bytes);
        int peak = 0;
        long most = -1;
        for (Lifetime at : lifetimes) {
            if (live[at.first()] > most) {
                most = live[at.first()];
                peak = at.first();
            }
        }
        return peak;
    }

    private long aligned(long bytes) {
        return Math.ceilDiv(bytes, alignment) * alignment;
    }
}
