package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.Work;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.select.Choice;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Puts reductions of one shape over the same axes into one launch where none needs what another gives: a mean and a mean of squares,
 * gradients of biases, the sums of a loss and of an accuracy.
 */
final class ReductionGroups {
    private final FusionContext context;
    private final RegionFlow flow;
    /** Regions that became part of another. */
    private final Set<Integer> gone = new HashSet<>();

    /** Groups what is among these regions. */
    ReductionGroups(FusionContext context, List<Region> anchors) {
        this.context = context;
        this.flow = new RegionFlow(anchors);
        // For each kind of reduction, the groups that may take in more: the number of the region that a group is now, its last member's.
        Map<ReduceProblem, List<Integer>> open = new LinkedHashMap<>();
        for (int number = 0; number < anchors.size(); number++) {
            Region region = anchors.get(number);
            if (region.work().problem() instanceof ReduceProblem problem && region.epilogue().isEmpty()) {
                List<Integer> groups = open.computeIfAbsent(problem, _ -> new ArrayList<>());
                int latest = number;
                Optional<Integer> home = groups.reversed().stream().limit(Profit.SHARED_LAUNCHES).filter(group -> joins(group, latest)).findFirst();
                home.ifPresent(groups::remove);
                groups.add(number);
            }
        }
    }

    /** The regions, with groups in the place of their last members. */
    List<Region> regions() {
        List<Region> left = new ArrayList<>();
        for (int number = 0; number < flow.regions().size(); number++) {
            if (!gone.contains(number)) {
                left.add(flow.regions().get(number));
            }
        }
        return left;
    }

    private boolean joins(int group, int latest) {
        Region one = flow.regions().get(group);
        Region other = flow.regions().get(latest);
        ReduceProblem single = (ReduceProblem) other.work().problem();
        ReduceProblem problem = (ReduceProblem) one.work().problem();
        String what = other.name() + " into the launch of " + one.name();
        if (problem.members() == ReduceProblem.MOST_MEMBERS) {
            return false;
        }
        boolean kept = context.profit().isSmall(single.elements() * Float.BYTES) || one.reads().containsAll(other.reads());
        Support support = context.mayJoin(List.of(one.name(), other.name()))
                .and(Support.when(kept, "what the first reads would have left the caches until the second can run"));
        if (support.yes()) {
            boolean dependent = flow.followFrom(other.reads(), group) || flow.followFrom(one.reads(), latest);
            support = Support.when(!dependent, "one needs what the other gives, or what follows from it");
        }
        Region both = support.yes() ? both(one, other, problem.of(problem.members() + 1)) : null;
        if (support.yes()) {
            support = Support.when(both != null && both.reads().size() + both.writes().size() <= Profit.KERNEL_ARGUMENTS,
                    "no variant that is nearly as good takes both");
        }
        context.decide(support.yes(), what, support.yes() ? "one shape, the same axes, and neither depends on the other" : support.reason(),
                context.profit().savedLaunches(1));
        if (support.yes()) {
            gone.add(group);
            flow.set(latest, both);
        }
        return support.yes();
    }

    /** A region of both; null if no variant will do. */
    private Region both(Region one, Region other, ReduceProblem problem) {
        int members = problem.members() - 1;
        List<Node> nodes = new ArrayList<>(one.nodes());
        nodes.addAll(other.nodes());
        List<NodeOutput> inputs = new ArrayList<>(one.work().inputs());
        inputs.addAll(other.work().inputs());
        List<NodeOutput> outputs = new ArrayList<>(one.work().outputs());
        outputs.addAll(other.work().outputs());
        Prologues prologues = one.prologues().with(ReduceProblem.X + members, other.prologues().of(ReduceProblem.X));
        SortedMap<Integer, List<NodeOutput>> operands = new TreeMap<>(one.prologueInputs());
        if (other.prologueInputs().containsKey(ReduceProblem.X)) {
            operands.put(ReduceProblem.X + members, other.prologueInputs().get(ReduceProblem.X));
        }
        Choice<ReduceProblem> choice = choice(one, problem, prologues);
        return choice == null ? null : new Region(one.name(), nodes, new Work(problem, inputs, outputs), Epilogue.none(), List.of(), choice,
                prologues, operands, List.of());
    }

    private Choice<ReduceProblem> choice(Region one, ReduceProblem problem, Prologues prologues) {
        try {
            Choice<ReduceProblem> best = context.selector().choose(one.name(), problem, Epilogue.none());
            if (context.selector().supports(best.variant(), problem, prologues, Epilogue.none()).yes()) {
                return best;
            }
            Choice<ReduceProblem> other = context.selector().choose(one.name(), problem, prologues, Epilogue.none());
            return context.isNearlyAsGood(other, best, problem) ? other : null;
        } catch (QuernException e) {
            // No variant does, or the pinned one does not.
            return null;
        }
    }
}
