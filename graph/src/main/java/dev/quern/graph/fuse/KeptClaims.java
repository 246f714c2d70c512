package dev.quern.graph.fuse;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.expr.Simplifier;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.View;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.Pointwise;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.select.Choice;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets an anchor whose result must be stored compute pointwise nodes that read it and must be stored too: an activation whose
 * argument is kept for its gradient. One launch writes both.
 */
final class KeptClaims {
    private final FusionContext context;
    private final RegionFlow flow;
    private final Set<Node> taken;
    private final Set<Node> claimed = new LinkedHashSet<>();
    private final Set<NodeOutput> asked = new LinkedHashSet<>();

    /** An epilogue that computes one node more, and what it reads. */
    private record Form(Epilogue epilogue, List<NodeOutput> inputs) {
    }

    /**
     * Claims.
     *
     * @param anchors the anchors' regions, in the order of the graph
     * @param taken   nodes that anchors took before
     */
    KeptClaims(FusionContext context, List<Region> anchors, Set<Node> taken) {
        this.context = context;
        this.flow = new RegionFlow(anchors);
        this.taken = taken;
        context.graph().outputs().values().forEach(value -> asked.add(Storage.of(value)));
        context.graph().nodes().forEach(this::consider);
    }

    /** The regions, with what they keep. */
    List<Region> regions() {
        return flow.regions();
    }

    /** The nodes that epilogues compute and keep. */
    Set<Node> claimed() {
        return claimed;
    }

    private void consider(Node node) {
        NodeOutput value = node.output(0);
        boolean stored = flow.firstReader(value, -1) >= 0 || asked.contains(value);
        if (!(node.op() instanceof Pointwise) || taken.contains(node) || !stored || value.type().dtype() != DType.F32) {
            return;
        }
        for (int number : producers(node)) {
            if (joins(node, number)) {
                return;
            }
        }
    }

    private boolean joins(Node node, int number) {
        Region region = flow.regions().get(number);
        NodeOutput value = node.output(0);
        Form form = form(region, number, node);
        Support support = context.mayJoin(List.of(node.name(), region.name()))
                .and(Support.when(flow.firstReader(value, number) - number <= Profit.KEPT_DISTANCE,
                        "it would take memory long before it is read"))
                .and(Support.when(form != null, "its other operands cannot be read along the result, or are not there yet"));
        if (support.yes()) {
            support = limits(form.epilogue()).and(carried(region, form.epilogue()));
        }
        context.decide(support.yes(), node.name() + " beside the result of " + region.name(),
                support.yes() ? "both must be stored, and one launch writes both" : support.reason(), context.profit().savedBeside(node));
        if (support.yes()) {
            flow.set(number, region.keeping(node, form.epilogue(), form.inputs()));
            claimed.add(node);
        }
        return support.yes();
    }

    /** The regions whose results a node reads element by element, the last one first. */
    private List<Integer> producers(Node node) {
        TreeSet<Integer> producers = new TreeSet<>(Comparator.reverseOrder());
        for (int i = 0; i < node.inputs().size(); i++) {
            int writer = flow.writer(Storage.of(node.input(i)));
            if (writer >= 0 && result(flow.regions().get(writer), node, i) != null) {
                producers.add(writer);
            }
        }
        return List.copyOf(producers);
    }

    /** The expression of a node's operand if it is what a region's epilogue computes, in the node's own order; else null. */
    private static Expr result(Region region, Node node, int input) {
        NodeOutput owner = Storage.of(node.input(input));
        boolean alone = region.work().outputs().size() == 1 || region.work().problem().epilogueOnFirstOutput();
        if (!alone || owner.type().dtype() != DType.F32 || !View.of(node, input).orElseThrow().isContiguous()) {
            return null;
        }
        int kept = region.kept().indexOf(owner);
        return Storage.of(region.work().outputs().getFirst()).equals(owner) ? region.epilogue().expression()
                : kept >= 0 ? region.epilogue().kept().get(kept) : null;
    }

    private Form form(Region region, int number, Node node) {
        List<EpilogueOperand> operands = new ArrayList<>(region.epilogue().operands());
        List<NodeOutput> values = new ArrayList<>(region.epilogueInputs());
        Expr[] inputs = new Expr[node.inputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            NodeOutput input = node.input(i);
            NodeOutput owner = Storage.of(input);
            inputs[i] = flow.writer(owner) == number ? result(region, node, i) : null;
            if (inputs[i] != null) {
                continue;
            }
            View.Cycle cycle = View.of(node, i).orElseThrow().cycle().orElse(null);
            if (cycle == null || input.type().dtype() != DType.F32 || isFree(owner.node()) || flow.followFrom(List.of(owner), number)) {
                return null;
            }
            EpilogueOperand operand = new EpilogueOperand(owner.name(), DType.F32, cycle.count(), cycle.inner());
            int at = operands.indexOf(operand);
            if (at < 0 || !Storage.of(values.get(at)).equals(owner)) {
                at = operands.size();
                operands.add(operand);
                values.add(input);
            }
            inputs[i] = new Expr.Input(at + 1);
        }
        List<Expr> kept = new ArrayList<>(region.epilogue().kept());
        kept.add(Simplifier.substitute(((Pointwise) node.op()).expression(), index -> inputs[index]));
        return new Form(new Epilogue(operands, region.epilogue().expression(), kept), values);
    }

    /** Whether a node would have to be stored only to be read here. */
    private boolean isFree(Node node) {
        FusionKind kind = node.op().fusionKind();
        boolean pointwise = kind == FusionKind.POINTWISE || kind == FusionKind.VIEW || node.op() instanceof Constant;
        return pointwise && !taken.contains(node) && !claimed.contains(node);
    }

    private static Support limits(Epilogue epilogue) {
        int size = 0;
        for (Expr result : epilogue.results()) {
            size += ExprForm.treeSize(result, Profit.EXPRESSION_SIZE);
        }
        return Support.when(epilogue.operands().size() <= Profit.EPILOGUE_OPERANDS,
                        "more than " + Profit.EPILOGUE_OPERANDS + " operands would ride along")
                .and(Support.when(epilogue.kept().size() <= Profit.EPILOGUE_KEPT,
                        "more than " + Profit.EPILOGUE_KEPT + " values would be kept"))
                .and(Support.when(size < Profit.EXPRESSION_SIZE, "the expressions would grow too large"));
    }

    private Support carried(Region region, Epilogue epilogue) {
        return carried(region.choice(), region.work().problem(), region, epilogue);
    }

    @SuppressWarnings("unchecked") // a region's choice was made for its problem
    private <P extends Problem> Support carried(Choice<P> choice, Problem problem, Region region, Epilogue epilogue) {
        return context.selector().supports(choice.variant(), (P) problem, region.prologues(), epilogue);
    }
}
