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
import dev.quern.graph.op.Random;
import dev.quern.graph.op.Slice;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Epilogue.Rows;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.kernels.reduce.ReduceProblem;
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
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Lets anchors apply pointwise nodes to an operand as they load it, where nothing but operands of anchors reads the node: an
 * activation whose argument is kept for its gradient, a sum of two gradients, a scale. The node is then computed by each
 * kernel that reads it and stored by none. Which anchors do that for which operands is what variants say; the others are reasons
 * for refusals.
 */
final class PrologueClaims {
    private final FusionContext context;
    private final Graph graph;
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

    /** What is applied, to what, with what besides, and the nodes that it computes. */
    private record Form(NodeOutput base, Prologue prologue, List<NodeOutput> operands, Set<Node> nodes) {
    }

    /** A value that an expression reads: for element i that of its rows' elements which is number (i / inner) % count. */
    private record Leaf(NodeOutput value, View.Cycle cycle, Rows rows) {
        Leaf(NodeOutput value, View.Cycle cycle) {
            this(value, cycle, Rows.of(cycle.count()));
        }

        boolean isWhole() {
            return rows.isWhole(cycle.count());
        }
    }

    /**
     * Claims.
     *
     * @param anchors the anchors' regions
     * @param taken   nodes that epilogues took
     */
    PrologueClaims(FusionContext context, List<Region> anchors, Set<Node> taken) {
        this.context = context;
        this.graph = context.graph();
        this.regions = new ArrayList<>(anchors);
        this.taken = taken;
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
        if (places.isEmpty() || ridden.contains(value) || value.type().dtype() != DType.F32 || !isReadBy(value, places)) {
            return;
        }
        String what = node.name() + " into the operand of "
                + String.join(", ", places.stream().map(use -> regions.get(use.region()).name()).distinct().toList());
        Form form = form(node);
        List<String> names = new ArrayList<>(List.of(node.name()));
        places.forEach(use -> names.add(regions.get(use.region()).name()));
        boolean drawn = node.inputs().stream().anyMatch(input -> Storage.of(input).node().op() instanceof Random);
        Support support = context.mayJoin(names).and(Support.when(!drawn, "it draws random numbers, which anchors do not"))
                .and(Support.when(form != null, "it is not computed from a stored tensor, element by element, and others that repeat along it"));
        List<Region> changed = new ArrayList<>();
        if (support.yes()) {
            support = pays(form, places);
        }
        for (int i = 0; support.yes() && i < places.size(); i++) {
            Use use = places.get(i);
            // A product of a value with itself has two operands that are the same.
            Region region = i > 0 && places.get(i - 1).region() == use.region() ? changed.removeLast() : regions.get(use.region());
            Choice<?> choice = choice(region, use.operand(), form.prologue());
            support = Support.when(choice != null, region.choice().variant().name() + " of " + region.name()
                    + " takes no such prologue, and no other variant that does is nearly as good in as many launches");
            if (choice != null) {
                changed.add(with(region, use.operand(), form, choice));
            }
        }
        context.decide(support.yes(), what, support.yes() ? "it is computed where the operand is loaded, and never stored"
                : support.reason(), context.profit().saved(node));
        if (support.yes()) {
            changed.forEach(region -> regions.set(index(region), region));
            claimed.addAll(form.nodes());
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

    /**
     * A node's expression over stored values, with pointwise nodes that nothing else reads computed on the way; null where it has no such
     * form.
     */
    private Form form(Node node) {
        List<Leaf> leaves = new ArrayList<>();
        Set<Node> nodes = new LinkedHashSet<>();
        Expr expression = new Expr.Input(0);
        leaves.add(new Leaf(node.output(0), new View.Cycle(node.output(0).shape().elements(), 1)));
        // Until it is over stored values alone: each of the others is put in the place where it is read.
        while (true) {
            int open = ExprForm.inputs(expression).stream().filter(index -> isFree(Storage.of(leaves.get(index).value()).node(), node))
                    .findFirst().orElse(-1);
            if (open < 0) {
                return form(expression, leaves, nodes);
            }
            Optional<Leaf> part = part(leaves.get(open), node);
            if (part.isPresent()) {
                Node slice = Storage.of(leaves.get(open).value()).node();
                if (graph.readers(slice).size() == 1 && !graph.outputs().containsValue(slice.output(0))) {
                    nodes.add(slice);
                }
                leaves.set(open, part.get());
                continue;
            }
            Node inner = leaves.get(open).value().node();
            if (!isPutIn(inner, node, leaves.get(open)) || ExprForm.treeSize(expression, Profit.EXPRESSION_SIZE) >= Profit.EXPRESSION_SIZE) {
                return null;
            }
            nodes.add(inner);
            Expr[] inputs = new Expr[inner.inputs().size()];
            for (int i = 0; i < inputs.length; i++) {
                View.Cycle cycle = View.of(inner, i).orElseThrow().cycle().orElse(null);
                if (cycle == null || inner.input(i).type().dtype() != DType.F32) {
                    return null;
                }
                Leaf leaf = new Leaf(inner.input(i), cycle);
                if (!leaves.contains(leaf)) {
                    leaves.add(leaf);
                }
                inputs[i] = new Expr.Input(leaves.indexOf(leaf));
            }
            Expr body = Simplifier.substitute(((Pointwise) inner.op()).expression(), i -> inputs[i]);
            expression = Simplifier.substitute(expression, i -> i == open ? body : new Expr.Input(i));
        }
    }

    /** Some channels, or another part in rows, of a stored tensor, read where they lie; empty if a leaf is none. */
    private Optional<Leaf> part(Leaf leaf, Node reader) {
        Node node = Storage.of(leaf.value()).node();
        if (!(node.op() instanceof Slice) || context.apart().contains(node.name()) || !leaf.isWhole() || isFree(Storage.of(node.input(0)).node(), reader)) {
            return Optional.empty();
        }
        return View.of(node, 0).flatMap(View::rows).map(rows -> new Leaf(node.input(0), leaf.cycle(), rows));
    }

    /** Whether a free node can be computed in the place of one of an expression's operands. */
    private boolean isPutIn(Node inner, Node node, Leaf leaf) {
        boolean alone = inner == node || graph.readers(leaf.value()).size() == 1 && !graph.outputs().containsValue(leaf.value())
                && !context.apart().contains(inner.name());
        return inner.op() instanceof Pointwise && alone && leaf.cycle().inner() == 1 && leaf.cycle().count() == node.output(0).shape().elements();
    }

    private static Form form(Expr expression, List<Leaf> leaves, Set<Node> nodes) {
        List<Integer> read = List.copyOf(ExprForm.inputs(expression));
        long elements = leaves.getFirst().cycle().count();
        int base = read.stream().filter(index -> leaves.get(index).cycle().inner() == 1 && leaves.get(index).cycle().count() == elements
                && leaves.get(index).isWhole()).findFirst().orElse(-1);
        if (base < 0) {
            return null;
        }
        List<EpilogueOperand> operands = new ArrayList<>();
        List<NodeOutput> values = new ArrayList<>();
        Map<Integer, Integer> places = new HashMap<>(Map.of(base, 0));
        for (int index : read) {
            if (index != base) {
                Leaf leaf = leaves.get(index);
                values.add(leaf.value());
                operands.add(new EpilogueOperand(Storage.of(leaf.value()).name(), DType.F32, leaf.cycle().count(), leaf.cycle().inner(),
                        leaf.rows()));
                places.put(index, values.size());
            }
        }
        Expr renumbered = Simplifier.substitute(expression, index -> new Expr.Input(places.get(index)));
        return new Form(leaves.get(base).value(), new Prologue(operands, renumbered), values, nodes);
    }

    /**
     * Whether a node would have to be stored only to be read by another: it is none of an anchor, and none that an anchor reads and that was
     * considered before, and so is stored anyway.
     */
    private boolean isFree(Node node, Node reader) {
        FusionKind kind = node.op().fusionKind();
        boolean considered = node.id() < reader.id() && !claimed.contains(node) && uses.containsKey(node.output(0));
        return (kind == FusionKind.POINTWISE || kind == FusionKind.VIEW || node.op() instanceof Constant) && !taken.contains(node) && !considered;
    }

    private Support pays(Form form, List<Use> places) {
        long elements = form.base().shape().elements();
        long read = form.base().type().bytes() + form.prologue().operands().stream().mapToLong(EpilogueOperand::count).sum() * Float.BYTES;
        int weight = ExprForm.weight(form.prologue().expression());
        Profit profit = context.profit();
        long loads = 0;
        double alone = 0;
        for (Use use : places) {
            switch (regions.get(use.region()).work().problem()) {
                case GemmProblem problem -> loads += profit.loads(use.operand() == GemmProblem.A ? problem.n() : problem.m());
                case ReduceProblem problem -> {
                    loads++;
                    alone += profit.fewItems(weight, elements);
                }
                case BatchNormBackwardProblem problem -> {
                    // Its sums, then its result. A channel's elements lie together in each sample, or beside those of its neighbours.
                    loads += 2;
                    alone += 2 * profit.coldRuns((long) problem.batch() * (problem.inner() == 1 ? 1 : problem.channels()));
                }
                default -> loads++;
            }
        }
        return Support.when(form.operands().size() <= Profit.EPILOGUE_OPERANDS, "more than " + Profit.EPILOGUE_OPERANDS
                + " operands would be read besides")
                .and(Support.when(profit.prologue(weight, elements, read, loads, alone),
                        "computing it at each load would cost more than storing it"));
    }

    /** The variant for a region with one more prologue; null if none will do. */
    private Choice<?> choice(Region region, int operand, Prologue prologue) {
        return choice(region, region.choice(), region.work().problem(), region.prologues().with(operand, prologue));
    }

    @SuppressWarnings("unchecked") // the region's choice was made for its problem
    private <P extends Problem> Choice<P> choice(Region region, Choice<P> best, Problem solved, Prologues prologues) {
        P problem = (P) solved;
        Selector selector = context.selector();
        if (selector.supports(best.variant(), problem, prologues, region.epilogue()).yes()) {
            return best;
        }
        try {
            Choice<P> other = selector.choose(region.name(), problem, prologues, region.epilogue());
            boolean more = launches(other, problem, prologues, region) > launches(best, problem, region.prologues(), region);
            return context.isNearlyAsGood(other, best, problem) && !more ? other : null;
        } catch (QuernException e) {
            // No variant does, or the pinned one does not.
            return null;
        }
    }

    /** How many launches a variant takes: one that packs what the best reads as it lies would save none. */
    private <P extends Problem> int launches(Choice<P> choice, P problem, Prologues prologues, Region region) {
        return choice.variant().plan(problem, context.selector().device(), choice.parameters(), prologues, region.epilogue()).launches().size();
    }

    private static Region with(Region region, int operand, Form form, Choice<?> choice) {
        Set<Node> nodes = new LinkedHashSet<>(region.nodes());
        nodes.addAll(form.nodes());
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
