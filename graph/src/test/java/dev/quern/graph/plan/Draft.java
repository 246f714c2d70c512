package dev.quern.graph.plan;

import dev.quern.graph.fuse.Fuser;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.pass.Pipeline;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.DeviceInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a graph is compiled to, up to where memory is allocated.
 *
 * @param graph   the graph after all passes
 * @param order   its regions in their order of execution
 * @param kernels the kernel plan of each
 * @param buffers where each value is
 * @param layout  where each slot of the temporaries is
 */
record Draft(Graph graph, List<Region> order, List<KernelPlan> kernels, Buffers buffers, Layout layout) {
    private static final Families FAMILIES = Families.load();

    /** In both orders that compilation chooses from. */
    static List<Draft> of(Graph graph, DeviceInfo info, boolean fuse) {
        Graph rewritten = Pipeline.standard().run(graph, (pass, result) -> {
        });
        List<Region> regions = Fuser.fuse(rewritten, new Selector(FAMILIES, info, Pins.none()), fuse, Set.of()).regions();
        Scheduler scheduler = new Scheduler(regions);
        List<Draft> drafts = new ArrayList<>();
        for (List<Region> order : List.of(scheduler.inProgramOrder(), scheduler.freeingEarly())) {
            List<KernelPlan> kernels = order.stream().map(region -> Binder.kernel(region, info)).toList();
            Buffers buffers = new Buffers(rewritten, order, kernels, info.baseAlignment());
            drafts.add(new Draft(rewritten, order, kernels, buffers,
                    new MemoryPlanner(info.baseAlignment(), info.maxAllocation()).plan(buffers.lifetimes())));
        }
        return drafts;
    }

    /** The last step that reads or writes each stored value, worked out from the regions alone. */
    Map<NodeOutput, Integer> lastUses() {
        Map<NodeOutput, Integer> last = new LinkedHashMap<>();
        for (int step = 0; step < order.size(); step++) {
            for (NodeOutput value : order.get(step).writes()) {
                last.put(value, step);
            }
            for (NodeOutput value : order.get(step).reads()) {
                last.put(value, step);
            }
        }
        return last;
    }
}
