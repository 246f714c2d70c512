package dev.quern.graph.plan;

import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Launch;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Runs a step region by region and looks at every floating-point tensor right after it was written. */
final class FiniteCheck implements AutoCloseable {
    private final String plan;
    private final Device device;
    private final List<Watched> regions = new ArrayList<>();
    private final Staging staging;

    /** A region with what it reads and writes. */
    private record Watched(Region region, Recording recording, Map<NodeOutput, Slice> reads, Map<NodeOutput, Slice> writes) {
    }

    private FiniteCheck(String plan, Device device, long largest) {
        this.plan = plan;
        this.device = device;
        this.staging = device.staging(Math.max(1, largest));
    }

    static FiniteCheck of(String plan, List<Region> order, List<Launch> launches, List<Integer> firstLaunches,
            Function<NodeOutput, Slice> slices, Device device) {
        long largest = order.stream().flatMap(region -> java.util.stream.Stream.concat(region.reads().stream(),
                region.writes().stream())).mapToLong(value -> value.type().bytes()).max().orElse(1);
        FiniteCheck check = new FiniteCheck(plan, device, largest);
        try {
            for (int i = 0; i < order.size(); i++) {
                int end = i + 1 < order.size() ? firstLaunches.get(i + 1) : launches.size();
                check.regions.add(new Watched(order.get(i), device.record(launches.subList(firstLaunches.get(i), end)),
                        floating(order.get(i).reads(), slices), floating(order.get(i).writes(), slices)));
            }
            return check;
        } catch (RuntimeException e) {
            check.close();
            throw e;
        }
    }

    private static Map<NodeOutput, Slice> floating(Iterable<NodeOutput> values, Function<NodeOutput, Slice> slices) {
        Map<NodeOutput, Slice> floating = new LinkedHashMap<>();
        for (NodeOutput value : values) {
            if (value.type().dtype().floating()) {
                floating.put(value, slices.apply(value));
            }
        }
        return floating;
    }

    /**
     * Runs the step.
     *
     * @throws QuernException at the first tensor with an element that is not finite, naming its node and the user's line
     */
    void run() {
        for (Watched watched : regions) {
            // What is updated in place is gone afterwards, so operands are looked at before.
            TreeSet<String> sick = new TreeSet<>();
            watched.reads.forEach((value, slice) -> {
                if (firstNotFinite(value, slice) >= 0) {
                    sick.add(value.name());
                }
            });
            device.queue().run(watched.recording);
            watched.writes.forEach((value, slice) -> {
                long index = firstNotFinite(value, slice);
                if (index >= 0) {
                    throw new QuernException("plan " + plan + ": " + watched.region.nodes().stream().map(Node::place)
                            .collect(Collectors.joining(", ")) + ": element " + index + " of " + value.name() + " " + value.type()
                            + " is " + read(value, slice).get(index) + "; " + (sick.isEmpty()
                                    ? "everything that it reads is finite" : "so is something in " + String.join(", ", sick)));
                }
            });
        }
    }

    private long firstNotFinite(NodeOutput value, Slice slice) {
        HostTensor tensor = read(value, slice);
        for (long i = 0; i < tensor.shape().elements(); i++) {
            if (!Double.isFinite(tensor.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private HostTensor read(NodeOutput value, Slice slice) {
        device.queue().read(slice, staging);
        return HostTensor.of(value.type().dtype(), value.type().shape(), staging.memory().asSlice(0, value.type().bytes()));
    }

    @Override
    public void close() {
        regions.forEach(watched -> watched.recording.close());
        staging.close();
    }
}
