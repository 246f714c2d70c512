package dev.quern.graph.plan;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Slice;
import java.util.List;

/** A region of a plan while a step runs region by region. Valid only during the calls of {@link RegionObserver}. */
public interface ObservedRegion {
    /** The region's nodes, kernels and user lines. */
    PlanStep step();

    /** The stored values that it reads, each once. */
    List<NodeOutput> reads();

    /** The stored values that it writes. A tensor of the state that it updates is among both, under two nodes. */
    List<NodeOutput> writes();

    /** Its launches as they are bound. */
    List<Launch> launches();

    /** A value of {@link #reads} or {@link #writes} as it is now. */
    HostTensor read(NodeOutput value);

    /** Where a value of {@link #reads} or {@link #writes} lies. */
    Slice slice(NodeOutput value);

    /** The bytes of a memory argument of a launch as they are now. */
    byte[] read(Slice slice);
}
