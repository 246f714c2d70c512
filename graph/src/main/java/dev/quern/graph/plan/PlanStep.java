package dev.quern.graph.plan;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Parameters;
import dev.quern.runtime.Grid;
import dev.quern.runtime.ProgramSource;
import java.util.List;

/**
 * One region of a plan with everything that leads from the user's line to the kernels and back: what {@code profile} maps times
 * to.
 *
 * @param region     the region's name, as pins and traces say it
 * @param nodes      the nodes that it computes, in order
 * @param family     the kernel family
 * @param problem    the problem's key
 * @param variant    the variant that was chosen
 * @param parameters the values of its tunables
 * @param reason     why it was chosen
 * @param cost       the least work: operands of problem and epilogue moved once
 * @param launches   its launches, in order
 */
public record PlanStep(String region, List<PlanNode> nodes, String family, String problem, String variant, Parameters parameters,
        String reason, Cost cost, List<PlanLaunch> launches) {
    public PlanStep {
        nodes = List.copyOf(nodes);
        launches = List.copyOf(launches);
    }

    /**
     * A node of the graph.
     *
     * @param name   its name; layers that made it stand in front, divided by dots
     * @param op     the op's label
     * @param source the user's line
     */
    public record PlanNode(String name, String op, String source) {
        /** The layer that made it or whose gradient it is, as far as names tell: the name without what follows the last dot. */
        public String layer() {
            String forward = name.split("\\.grad\\.")[0];
            return forward.contains(".") ? forward.substring(0, forward.lastIndexOf('.')) : forward;
        }
    }

    /**
     * A launch.
     *
     * @param index  its place among the plan's launches
     * @param role   what it does within its region
     * @param source the program's text or Java code
     * @param entry  the kernel's name in it
     * @param grid   groups and their size
     */
    public record PlanLaunch(int index, String role, ProgramSource source, String entry, Grid grid) {
    }
}
