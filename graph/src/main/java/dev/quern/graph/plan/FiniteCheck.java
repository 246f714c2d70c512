package dev.quern.graph.plan;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Stops a step at the first floating-point tensor with an element that is not finite, naming its node and the user's line. */
final class FiniteCheck implements RegionObserver {
    private final String plan;
    private final TreeSet<String> sick = new TreeSet<>();

    FiniteCheck(String plan) {
        this.plan = plan;
    }

    /** What is updated in place is gone afterwards, so operands are looked at before. */
    @Override
    public void before(ObservedRegion region) {
        sick.clear();
        for (NodeOutput value : region.reads()) {
            if (value.type().dtype().floating() && firstNotFinite(region.read(value)) >= 0) {
                sick.add(value.name());
            }
        }
    }

    @Override
    public void after(ObservedRegion region) {
        for (NodeOutput value : region.writes()) {
            if (!value.type().dtype().floating()) {
                continue;
            }
            HostTensor tensor = region.read(value);
            long index = firstNotFinite(tensor);
            if (index >= 0) {
                throw new QuernException("plan " + plan + ": " + region.step().nodes().stream()
                        .map(node -> node.name() + " (" + node.source() + ")").collect(Collectors.joining(", ")) + ": element " + index
                        + " of " + value.name() + " " + value.type() + " is " + tensor.get(index) + "; " + (sick.isEmpty()
                                ? "everything that it reads is finite" : "so is something in " + String.join(", ", sick)));
            }
        }
    }

    private static long firstNotFinite(HostTensor tensor) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
            if (!Double.isFinite(tensor.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
