package dev.quern.graph.plan;

import dev.quern.graph.fuse.Fuser;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Parameter;
import dev.quern.kernels.KernelPlan;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.OutOfDeviceMemoryException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** All that is decided about a plan before anything is allocated or compiled: order, launches, the place of every tensor. */
public final class Blueprint {
    private final Graph graph;
    private final Fuser.Result fusion;
    private final DeviceInfo device;
    private final List<Region> order;
    private final List<KernelPlan> kernels;
    private final Buffers buffers;
    private final Layout layout;

    private Blueprint(Graph graph, Fuser.Result fusion, DeviceInfo device, List<Region> order, Map<Region, KernelPlan> plans) {
        this.graph = graph;
        this.fusion = fusion;
        this.device = device;
        this.order = order;
        this.kernels = order.stream().map(plans::get).toList();
        this.buffers = new Buffers(graph, order, kernels, device.baseAlignment());
        long room = device.maxAllocation() - device.baseAlignment();
        boolean fits = buffers.lifetimes().stream().noneMatch(each -> each.bytes() > room);
        if (!fits || buffers.inputBytes() > device.maxAllocation()) {
            throw PlanMemory.tooLarge(graph.name(), device, buffers);
        }
        this.layout = new MemoryPlanner(device.baseAlignment(), device.maxAllocation()).plan(buffers.lifetimes());
    }

    /**
     * The blueprint that needs the least memory among the orders that are tried.
     *
     * @param graph  the graph
     * @param fusion its regions
     * @param device what the plan is to run on; it need not be there
     * @throws OutOfDeviceMemoryException if one tensor is larger than any allocation of the device
     */
    public static Blueprint of(Graph graph, Fuser.Result fusion, DeviceInfo device) {
        Scheduler scheduler = new Scheduler(fusion.regions());
        // Regions are told apart by identity: comparing what they compute would take as long as what they compute is large.
        Map<Region, KernelPlan> plans = new IdentityHashMap<>();
        fusion.regions().forEach(region -> plans.put(region, Binder.kernel(region, device)));
        Blueprint best = new Blueprint(graph, fusion, device, scheduler.inProgramOrder(), plans);
        Blueprint other = new Blueprint(graph, fusion, device, scheduler.freeingEarly(), plans);
        return other.layout.bytes() < best.layout.bytes() ? other : best;
    }

    /** What the plan will be made of. */
    public PlanStatistics statistics() {
        long outputBytes = buffers.outputs().stream().mapToLong(value -> value.type().bytes()).sum();
        long stateBytes = 0;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter parameter) {
                stateBytes += parameter.type().bytes();
            }
        }
        int launches = kernels.stream().mapToInt(kernel -> kernel.launches().size()).sum();
        return new PlanStatistics(order.size(), launches, layout.bytes(), layout.bound(), buffers.inputBytes(), outputBytes,
                stateBytes);
    }

    /** What the plan will do and why, as the plan itself will say it. */
    public String explain() {
        return explanation().text();
    }

    Explain explanation() {
        return new Explain(graph, fusion, order, kernels, buffers, layout, device);
    }

    List<Region> order() {
        return order;
    }

    List<KernelPlan> kernels() {
        return kernels;
    }

    Buffers buffers() {
        return buffers;
    }

    Layout layout() {
        return layout;
    }
}
