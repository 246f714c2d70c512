package dev.quern.graph.plan;

import dev.quern.graph.plan.Layout.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        List<Long> blocks = new ArrayList<>();
        List<Integer> placed = new ArrayList<>();
        for (int index : order) {
            Lifetime lifetime = lifetimes.get(index);
            long bytes = aligned(lifetime.bytes());
            Place place = null;
            for (int block = 0; place == null; block++) {
                if (block == blocks.size()) {
                    blocks.add(0L);
                }
                long offset = lowestGap(lifetimes, placed, places, block, lifetime, bytes);
                if (offset + bytes <= largestBlock) {
                    place = new Place(block, offset);
                    blocks.set(block, Math.max(blocks.get(block), offset + bytes));
                }
            }
            places[index] = place;
            placed.add(index);
        }
        return new Layout(List.of(places), blocks, bound, strategy);
    }

    private long lowestGap(List<Lifetime> lifetimes, List<Integer> placed, Place[] places, int block, Lifetime lifetime,
            long bytes) {
        List<long[]> taken = new ArrayList<>();
        for (int other : placed) {
            if (places[other].block() == block && lifetimes.get(other).overlaps(lifetime)) {
                taken.add(new long[] {places[other].offset(), places[other].offset() + aligned(lifetimes.get(other).bytes())});
            }
        }
        taken.sort(Comparator.comparingLong(range -> range[0]));
        long offset = 0;
        for (long[] range : taken) {
            if (offset + bytes <= range[0]) {
                return offset;
            }
            offset = Math.max(offset, range[1]);
        }
        return offset;
    }

    private long bound(List<Lifetime> lifetimes) {
        long bound = 0;
        for (Lifetime at : lifetimes) {
            bound = Math.max(bound, live(lifetimes, at.first()));
        }
        return bound;
    }

    private long live(List<Lifetime> lifetimes, int step) {
        return lifetimes.stream().filter(lifetime -> lifetime.first() <= step && step <= lifetime.last())
                .mapToLong(lifetime -> aligned(lifetime.bytes())).sum();
    }

    private static int peak(List<Lifetime> lifetimes) {
        int peak = 0;
        long most = -1;
        for (Lifetime at : lifetimes) {
            long live = lifetimes.stream()
                    .filter(lifetime -> lifetime.first() <= at.first() && at.first() <= lifetime.last())
                    .mapToLong(Lifetime::bytes).sum();
            if (live > most) {
                most = live;
                peak = at.first();
            }
        }
        return peak;
    }

    private long aligned(long bytes) {
        return Math.ceilDiv(bytes, alignment) * alignment;
    }
}
