package dev.quern.graph.fuse;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.expr.Simplifier;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.View;
import dev.quern.graph.lower.Work;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.Pointwise;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Lets matrix products apply a pointwise node to an operand as they load it, where nothing but such operands reads the node: an
 * activation whose argument is kept for its gradient, a sum of two gradients, a scale. The node is then computed by each product that
 * reads it and stored by none.
 */
final class PrologueClaims {
    private final Graph graph;
    private final Selector selector;
    private final Profit profit;
    private final Set<String> apart;
    private final List<Decision> decisions;
    private final List<Region> regions;
    private final Set<Node> taken;
    private final Set<Node> claimed = new LinkedHashSet<>();
    /** The operands that are a value, and the values that epilogues read. */
    private final Map<NodeOutput, List<Use>> uses = new HashMap<>();
    private final Set<NodeOutput> ridden = new LinkedHashSet<>();

    /**
     * An operand of a region.
     *
     * @param region  the region's number
     * @param operand the operand's position in its problem
     */
    private record Use(int region, int operand) {
    }

    /** What is applied, to what, with what besides. */
    private record Form(NodeOutput base, Prologue prologue, List<NodeOutput> operands) {
    }

    /**
     * Claims.
     *
     * @param anchors the anchors' regions
     * @param taken   nodes that epilogues took
     */
    PrologueClaims(Graph graph, List<Region> anchors, Set<Node> taken, Selector selector, Profit profit, Set<String> apart,
            List<Decision> decisions) {
        this.graph = graph;
        this.regions = new ArrayList<>(anchors);
        this.taken = taken;
        this.selector = selector;
        this.profit = profit;
        this.apart = apart;
        this.decisions = decisions;
        for (int i = 0; i < regions.size(); i++) {
            List<NodeOutput> inputs = regions.get(i).work().inputs();
            for (int k = 0; k < inputs.size(); k++) {
                uses.computeIfAbsent(Storage.of(inputs.get(k)), _ -> new ArrayList<>()).add(new Use(i, k));
            }
            regions.get(i).epilogueInputs().forEach(input -> ridden.add(Storage.of(input)));
        }
        graph.nodes().forEach(this::consider);
    }

    /** The regions, with prologues. */
    List<Region> regions() {
        return regions;
    }

    /** The nodes that became prologues. */
    Set<Node> claimed() {
        return claimed;
    }

    private void consider(Node node) {
        if (!(node.op() instanceof Pointwise) || taken.contains(node)) {
            return;
        }
        NodeOutput value = node.output(0);
        List<Use> places = uses.getOrDefault(value, List.of());
        boolean products = !places.isEmpty() && places.stream().allMatch(use -> regions.get(use.region()).work().problem() instanceof GemmProblem);
        if (!products || ridden.contains(value) || !isReadBy(value, places)) {
            return;
        }
        String what = node.name() + " into the operand of "
                + String.join(", ", places.stream().map(use -> regions.get(use.region()).name()).distinct().toList());
        Form form = form(node);
        Support support = Support.when(!apart.contains(node.name())
                && places.stream().noneMatch(use -> apart.contains(regions.get(use.region()).name())), "it is to stay apart")
                .and(Support.when(form != null, "it reads no stored tensor element by element with others that repeat along it"));
        List<Region> changed = new ArrayList<>();
        if (support.yes()) {
            support = pays(form, places);
        }
        for (int i = 0; support.yes() && i < places.size(); i++) {
            Use use = places.get(i);
            // A product of a value with itself has two operands that are the same.
            Region region = i > 0 && places.get(i - 1).region() == use.region() ? changed.removeLast() : regions.get(use.region());
            Choice<?> choice = choice(region, use.operand(), form.prologue());
            support = Support.when(choice != null, region.choice().variant().name() + " takes no such prologue, and no other variant that "
                    + "does is nearly as good");
            if (choice != null) {
                changed.add(with(region, node, use.operand(), form, choice));
            }
        }
        decisions.add(new Decision(support.yes(), what, support.yes() ? "it is computed where the operand is loaded, and never stored"
                : support.reason(), profit.saved(node)));
        if (support.yes()) {
            changed.forEach(region -> regions.set(index(region), region));
            claimed.add(node);
        }
    }

    private int index(Region changed) {
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i).name().equals(changed.name())) {
                return i;
            }
        }
        throw new IllegalStateException(changed.name());
    }

    /** Whether nothing but these operands reads a value, under whatever shape. */
    private boolean isReadBy(NodeOutput value, List<Use> places) {
        Set<Node> anchors = new LinkedHashSet<>();
        places.forEach(use -> anchors.add(regions.get(use.region()).nodes().getFirst()));
        List<NodeOutput> open = new ArrayList<>(List.of(value));
        while (!open.isEmpty()) {
            NodeOutput each = open.removeLast();
            if (graph.outputs().containsValue(each)) {
                return false;
            }
            for (Node reader : graph.readers(each)) {
                if (reader.op().fusionKind() == FusionKind.ALIAS) {
                    open.add(reader.output(0));
                } else if (!anchors.contains(reader)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A node's expression over stored values; null where it has no such form. */
    private Form form(Node node) {
        NodeOutput base = null;
        List<EpilogueOperand> operands = new ArrayList<>();
        List<NodeOutput> values = new ArrayList<>();
        Expr[] inputs = new Expr[node.inputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            NodeOutput input = node.input(i);
            View view = View.of(node, i).orElseThrow();
            if (input.type().dtype() != DType.F32 || view.cycle().isEmpty() || isFree(Storage.of(input).node())) {
                return null;
            }
            if (base == null && view.isContiguous()) {
                base = input;
                inputs[i] = new Expr.Input(0);
            } else {
                View.Cycle cycle = view.cycle().get();
                values.add(input);
                operands.add(new EpilogueOperand(Storage.of(input).name(), DType.F32, cycle.count(), cycle.inner()));
                inputs[i] = new Expr.Input(values.size());
            }
        }
        if (base == null) {
            return null;
        }
        return new Form(base, new Prologue(operands, Simplifier.substitute(((Pointwise) node.op()).expression(), i -> inputs[i])), values);
    }

    /** Whether a node would have to be stored only to be read here. */
    private boolean isFree(Node node) {
        FusionKind kind = node.op().fusionKind();
        return (kind == FusionKind.POINTWISE || kind == FusionKind.VIEW || node.op() instanceof Constant) && !taken.contains(node);
    }

    private Support pays(Form form, List<Use> places) {
        long elements = form.base().shape().elements();
        long read = form.base().type().bytes() + form.operands().stream().mapToLong(value -> value.type().bytes()).sum();
        long loads = 0;
        for (Use use : places) {
            GemmProblem problem = (GemmProblem) regions.get(use.region()).work().problem();
            loads += profit.loads(use.operand() == GemmProblem.A ? problem.n() : problem.m());
        }
        return Support.when(form.operands().size() <= Profit.EPILOGUE_OPERANDS, "more than " + Profit.EPILOGUE_OPERANDS
                + " operands would be read besides")
                .and(Support.when(profit.prologue(ExprForm.weight(form.prologue().expression()), elements, read, loads),
                        "computing it at each load would cost more than storing it"));
    }

    /** The variant for a region with one more prologue; null if none will do. */
    private Choice<?> choice(Region region, int operand, Prologue prologue) {
        return choice(region, (GemmProblem) region.work().problem(), region.prologues().with(operand, prologue));
    }

    @SuppressWarnings("unchecked") // the region's choice was made for its problem
    private Choice<GemmProblem> choice(Region region, GemmProblem problem, Prologues prologues) {
        Choice<GemmProblem> best = (Choice<GemmProblem>) region.choice();
        if (selector.supports(best.variant(), problem, prologues, region.epilogue()).yes()) {
            return best;
        }
        try {
            Choice<GemmProblem> other = selector.choose(region.name(), problem, prologues, region.epilogue());
            return preference(other.variant(), problem) >= Profit.EPILOGUE_LOSS * preference(best.variant(), problem) ? other : null;
        } catch (QuernException e) {
            // No variant does, or the pinned one does not.
            return null;
        }
    }

    private <P extends Problem> double preference(Variant<P> variant, P problem) {
        return variant.preference(problem, selector.device());
    }

    private static Region with(Region region, Node node, int operand, Form form, Choice<?> choice) {
        Set<Node> nodes = new LinkedHashSet<>(region.nodes());
        nodes.add(node);
        List<NodeOutput> inputs = new ArrayList<>(region.work().inputs());
        inputs.set(operand, form.base());
        SortedMap<Integer, List<NodeOutput>> operands = new TreeMap<>(region.prologueInputs());
        operands.put(operand, Collections.unmodifiableList(form.operands()));
        List<Node> ordered = new ArrayList<>(nodes);
        // The anchor stays first: it gives the region its place in explanations.
        ordered.subList(1, ordered.size()).sort(Comparator.comparingInt(Node::id));
        return new Region(region.name(), ordered, new Work(region.work().problem(), inputs, region.work().outputs()),
                region.epilogue(), region.epilogueInputs(), choice, region.prologues().with(operand, form.prologue()), operands,
                region.kept());
    }
}
