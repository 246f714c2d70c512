package dev.quern.graph.fuse;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.expr.Simplifier;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.View;
import dev.quern.graph.lower.Work;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.Pointwise;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets an anchor take the pointwise nodes behind it as its epilogue, one after the other, as long as each is the only reader
 * of the value before it and a variant carries what has gathered.
 */
final class EpilogueClaims {
    private final FusionContext context;
    private final Graph graph;
    private final Selector selector;
    private final Set<Node> claimed = new HashSet<>();

    /**
     * What an anchor took.
     *
     * @param nodes    the nodes besides the anchor, in order
     * @param epilogue what rides along
     * @param operands the values that it reads
     * @param result   the value that is stored
     */
    record Claim(List<Node> nodes, Epilogue epilogue, List<NodeOutput> operands, NodeOutput result) {
    }

    EpilogueClaims(FusionContext context) {
        this.context = context;
        this.graph = context.graph();
        this.selector = context.selector();
    }

    Claim claim(Node anchor, Work work) {
        Claim claim = new Claim(List.of(), Epilogue.none(), List.of(), work.outputs().getFirst());
        List<Node> passed = new ArrayList<>();
        NodeOutput value = claim.result();
        while (true) {
            List<Node> readers = graph.readers(value);
            Optional<Node> pointwise = readers.stream().filter(reader -> reader.op() instanceof Pointwise).findFirst();
            if (readers.size() == 1 && readers.getFirst().op().fusionKind() == FusionKind.ALIAS
                    && !graph.outputs().containsValue(value)) {
                passed.add(readers.getFirst());
                value = readers.getFirst().output(0);
                continue;
            }
            if (pointwise.isEmpty()) {
                claimed.addAll(claim.nodes());
                return claim;
            }
            Node node = pointwise.get();
            Optional<Claim> longer = Optional.empty();
            Support support = context.mayJoin(anchor, node).and(legal(anchor, work, value, readers)).and(Support.when(!claimed.contains(node),
                    "it rides on another result already")).and(besideFree(node, value));
            if (support.yes()) {
                longer = extend(anchor, claim, node, value, passed);
                support = Support.when(longer.isPresent(), "its other operands cannot be read along the result");
            }
            if (longer.isPresent()) {
                support = limits(longer.get()).and(carried(anchor.name(), work.problem(), longer.get().epilogue()));
            }
            String what = node.name() + " into " + anchor.name();
            if (!support.yes()) {
                context.decide(false, what, support.reason(), context.profit().saved(node));
                claimed.addAll(claim.nodes());
                return claim;
            }
            context.decide(true, what, "it is pointwise on a result that nothing else reads", context.profit().saved(node));
            claim = longer.get();
            passed.clear();
            value = claim.result();
        }
    }

    private Support legal(Node anchor, Work work, NodeOutput value, List<Node> readers) {
        if (work.outputs().size() > 1 && !work.problem().epilogueOnFirstOutput()) {
            return Support.no(anchor.name() + " has " + work.outputs().size() + " results");
        }
        if (graph.outputs().containsValue(value)) {
            return Support.no(value.name() + " is an output of the graph too");
        }
        return Support.when(readers.size() == 1, value.name() + " is read by "
                + String.join(", ", readers.stream().map(Node::name).toList()));
    }

    /**
     * A full operand that is itself a free pointwise result would have to be stored just to ride along here; together the two
     * are one pointwise kernel instead.
     */
    private Support besideFree(Node node, NodeOutput value) {
        for (NodeOutput input : node.inputs()) {
            Node producer = Storage.of(input).node();
            FusionKind kind = producer.op().fusionKind();
            boolean free = (kind == FusionKind.POINTWISE || kind == FusionKind.VIEW) && !claimed.contains(producer);
            if (!input.equals(value) && free && input.shape().elements() == value.shape().elements()) {
                return Support.no(producer.name() + ", which it reads, is pointwise too: they go together");
            }
        }
        return Support.supported();
    }

    private Optional<Claim> extend(Node anchor, Claim claim, Node node, NodeOutput value, List<Node> passed) {
        if (node.output(0).shape().elements() != value.shape().elements()) {
            return Optional.empty();
        }
        List<EpilogueOperand> operands = new ArrayList<>(claim.epilogue().operands());
        List<NodeOutput> values = new ArrayList<>(claim.operands());
        Expr[] inputs = new Expr[node.inputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            NodeOutput input = node.input(i);
            View view = View.of(node, i).orElseThrow();
            if (input.equals(value)) {
                if (!view.isContiguous()) {
                    return Optional.empty();
                }
                inputs[i] = claim.epilogue().expression();
                continue;
            }
            Optional<View.Cycle> cycle = view.cycle();
            // The anchor's other results, and all that follows from it, are there only after it.
            if (cycle.isEmpty() || input.type().dtype() != DType.F32 || dependsOn(input, anchor)) {
                return Optional.empty();
            }
            EpilogueOperand operand = new EpilogueOperand(Storage.of(input).name(), DType.F32, cycle.get().count(),
                    cycle.get().inner());
            int at = operands.indexOf(operand);
            if (at < 0 || !Storage.of(values.get(at)).equals(Storage.of(input))) {
                at = operands.size();
                operands.add(operand);
                values.add(input);
            }
            inputs[i] = new Expr.Input(at + 1);
        }
        Expr expression = Simplifier.substitute(((Pointwise) node.op()).expression(), index -> inputs[index]);
        List<Node> nodes = new ArrayList<>(claim.nodes());
        nodes.addAll(passed);
        nodes.add(node);
        return Optional.of(new Claim(nodes, new Epilogue(operands, expression), values, node.output(0)));
    }

    private static Support limits(Claim claim) {
        return Support.when(claim.operands().size() <= Profit.EPILOGUE_OPERANDS,
                        "more than " + Profit.EPILOGUE_OPERANDS + " operands would ride along")
                .and(Support.when(ExprForm.treeSize(claim.epilogue().expression(), Profit.EXPRESSION_SIZE)
                        < Profit.EXPRESSION_SIZE, "the expression would grow too large"));
    }

    /** Whether a value is computed from a node. */
    private static boolean dependsOn(NodeOutput value, Node origin) {
        BitSet seen = new BitSet();
        List<Node> open = new ArrayList<>(List.of(value.node()));
        while (!open.isEmpty()) {
            Node node = open.removeLast();
            if (node == origin) {
                return true;
            }
            if (node.id() > origin.id() && !seen.get(node.id())) {
                seen.set(node.id());
                node.inputs().forEach(input -> open.add(input.node()));
            }
        }
        return false;
    }

    /** Whether the chosen variant takes the epilogue, or another one does that is not much worse. */
    private <P extends Problem> Support carried(String name, P problem, Epilogue epilogue) {
        Choice<P> best = selector.choose(name, problem, Epilogue.none());
        Support support = selector.supports(best.variant(), problem, epilogue);
        if (support.yes() || best.reason().equals("pinned")) {
            return support;
        }
        Choice<P> other;
        try {
            other = selector.choose(name, problem, epilogue);
        } catch (QuernException e) {
            return support;
        }
        return Support.when(context.isNearlyAsGood(other, best, problem), support.reason() + ", and " + other.variant().name()
                + ", which does, is expected to be slower");
    }
}
