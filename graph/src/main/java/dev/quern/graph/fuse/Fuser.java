package dev.quern.graph.fuse;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Lowering;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.Work;
import dev.quern.graph.op.FusionKind;
import dev.quern.kernels.Problem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Selector;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Forms the regions of a graph, and chooses the variant of each. */
public final class Fuser {
    private final Graph graph;
    private final Selector selector;
    private final Set<String> apart;
    private final Lowering lowering;
    private final List<Decision> decisions = new ArrayList<>();

    private Fuser(Graph graph, Selector selector, Set<String> apart) {
        this.graph = graph;
        this.selector = selector;
        this.apart = apart;
        this.lowering = new Lowering(graph);
    }

    /**
     * The regions of a graph.
     *
     * @param regions   the regions, in no particular order of execution
     * @param decisions what was fused and what was not, with the reasons
     */
    public record Result(List<Region> regions, List<Decision> decisions) {
        public Result {
            regions = List.copyOf(regions);
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * Forms regions.
     *
     * @param graph    the graph
     * @param selector chooses variants
     * @param fuse     whether to fuse at all; otherwise each node is a region of its own
     * @param apart    names of nodes that are to be regions of their own
     */
    public static Result fuse(Graph graph, Selector selector, boolean fuse, Set<String> apart) {
        Fuser fuser = new Fuser(graph, selector, apart);
        List<Region> regions = fuse ? fuser.fused() : fuser.unfused();
        return new Result(regions, fuser.decisions);
    }

    private List<Region> unfused() {
        List<Region> regions = new ArrayList<>();
        for (Node node : graph.nodes()) {
            lowering.of(node).ifPresent(work -> regions.add(region(node, work)));
        }
        return regions;
    }

    private List<Region> fused() {
        FusionContext context = new FusionContext(graph, selector, new Profit(selector.device()), apart, decisions);
        EpilogueClaims claims = new EpilogueClaims(context);
        List<Region> anchors = new ArrayList<>();
        Set<Node> claimed = new LinkedHashSet<>();
        Set<NodeOutput> needed = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            FusionKind kind = node.op().fusionKind();
            if (kind != FusionKind.ANCHOR && kind != FusionKind.REDUCTION && kind != FusionKind.KERNEL) {
                continue;
            }
            Optional<Work> work = lowering.of(node);
            if (work.isPresent()) {
                EpilogueClaims.Claim claim = claims.claim(node, work.get());
                claimed.addAll(claim.nodes());
                anchors.add(region(node, work.get(), claim));
            }
        }
        PrologueClaims prologues = new PrologueClaims(context, anchors, claimed);
        claimed.addAll(prologues.claimed());
        anchors = new ReductionGroups(context, prologues.regions()).regions();
        KeptClaims kept = new KeptClaims(context, anchors, claimed);
        anchors = kept.regions();
        claimed.addAll(kept.claimed());
        anchors.forEach(region -> needed.addAll(region.reads()));
        for (Node node : graph.nodes()) {
            if (apart.contains(node.name())) {
                node.outputs().forEach(output -> needed.add(Storage.of(output)));
                node.inputs().forEach(input -> needed.add(Storage.of(input)));
            }
        }
        Stored stored = new Stored(graph, claimed, needed, context.profit(), decisions);
        List<Region> regions = new ArrayList<>(anchors);
        regions.addAll(new PointwiseRegions(context, stored, anchors).form());
        return regions;
    }

    private Region region(Node node, Work work) {
        return new Region(node.name(), List.of(node), work, Epilogue.none(), List.of(),
                selector.choose(node.name(), work.problem(), Epilogue.none()));
    }

    private Region region(Node anchor, Work work, EpilogueClaims.Claim claim) {
        if (claim.nodes().isEmpty()) {
            return region(anchor, work);
        }
        List<Node> nodes = new ArrayList<>(List.of(anchor));
        nodes.addAll(claim.nodes());
        List<NodeOutput> outputs = new ArrayList<>(work.outputs());
        outputs.set(0, claim.result());
        Work fused = new Work(work.problem(), work.inputs(), outputs);
        return new Region(anchor.name(), nodes, fused, claim.epilogue(), claim.operands(),
                choose(anchor.name(), work.problem(), claim.epilogue()));
    }

    /** The variant without an epilogue if it takes this one, else the best that does. */
    private <P extends Problem> Choice<P> choose(String name, P problem, Epilogue epilogue) {
        Choice<P> best = selector.choose(name, problem, Epilogue.none());
        return selector.supports(best.variant(), problem, epilogue).yes() ? best : selector.choose(name, problem, epilogue);
    }
}
