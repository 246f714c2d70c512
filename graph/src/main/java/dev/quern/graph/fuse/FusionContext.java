package dev.quern.graph.fuse;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Selector;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What every step of fusion works with.
 *
 * @param graph     the graph
 * @param selector  chooses variants
 * @param profit    says what pays
 * @param apart     names of nodes that are to be regions of their own
 * @param decisions what was fused and what was not, with the reasons; steps add to it
 */
record FusionContext(Graph graph, Selector selector, Profit profit, Set<String> apart, List<Decision> decisions) {
    /** Whether none of these is to stay apart. */
    Support mayJoin(Collection<String> names) {
        return Support.when(names.stream().noneMatch(apart::contains), "it is to stay apart");
    }

    /** The same of two. */
    Support mayJoin(Node one, Node other) {
        return mayJoin(List.of(one.name(), other.name()));
    }

    /** Keeps a decision. */
    void decide(boolean made, String what, String reason, double savedMicroseconds) {
        decisions.add(new Decision(made, what, reason, savedMicroseconds));
    }

    /** Whether a variant is good enough to be taken instead of the best one for what that cannot carry. */
    <P extends Problem> boolean isNearlyAsGood(Choice<P> other, Choice<P> best, P problem) {
        return preference(other.variant(), problem) >= Profit.EPILOGUE_LOSS * preference(best.variant(), problem);
    }

    private <P extends Problem> double preference(Variant<P> variant, P problem) {
        return variant.preference(problem, selector.device());
    }
}
