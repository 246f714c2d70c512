package dev.quern.graph.fuse;

import dev.quern.graph.expr.Simplifier;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.View;
import dev.quern.graph.op.Cast;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Random;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Builds one part of a pointwise kernel: expressions over stored values, with the nodes between them inlined. */
final class PointwisePart {
    private record Read(NodeOutput value, long offset, List<Long> strides, Optional<Draw> draw) {
    }

    private record Seen(NodeOutput value, View view) {
    }

    private final Shape shape;
    private final Set<Node> own;
    private final Predicate<Node> inlined;
    private final List<Read> reads = new ArrayList<>();
    private final List<NodeOutput> inputs = new ArrayList<>();
    private final List<PointwiseProblem.Input> declared = new ArrayList<>();
    private final Map<Seen, Expr> known = new HashMap<>();
    /** The same for values that are read as they lie, which most are. */
    private final Map<NodeOutput, Expr> knownInOrder = new HashMap<>();
    private final Set<Node> nodes = new LinkedHashSet<>();
    private final List<Expr> results = new ArrayList<>();
    private final List<NodeOutput> outputs = new ArrayList<>();

    /**
     * An empty part.
     *
     * @param shape   the iteration shape
     * @param own     nodes of this part: where they are read in the part's own order, their expressions are used
     * @param inlined whether a node is computed in its readers
     */
    PointwisePart(Shape shape, Set<Node> own, Predicate<Node> inlined) {
        this.shape = shape;
        this.own = own;
        this.inlined = inlined;
    }

    /** Adds a result. */
    void result(Node node) {
        results.add(body(node, View.identity(shape)));
        outputs.add(node.output(0));
    }

    private Expr body(Node node, View view) {
        nodes.add(node);
        return switch (node.op()) {
            case Constant constant -> new Expr.Constant(constant.value());
            case Pointwise pointwise -> {
                Expr[] operands = new Expr[node.inputs().size()];
                for (int i = 0; i < operands.length; i++) {
                    operands[i] = operand(node.input(i), view.then(View.of(node, i).orElseThrow()));
                }
                yield Simplifier.substitute(pointwise.expression(), index -> operands[index]);
            }
            case Cast cast -> {
                Expr x = operand(node.input(0), view.then(View.of(node, 0).orElseThrow()));
                yield Simplifier.substitute(cast.expression(), index -> x);
            }
            // The numbers that its own loop would draw at these places.
            case Random random -> read(node.input(0), view, Optional.of(random.draw()));
            default -> operand(node.input(0), view.then(View.of(node, 0).orElseThrow()));
        };
    }

    private Expr operand(NodeOutput value, View view) {
        boolean plain = view.isIdentity();
        Seen seen = plain ? null : new Seen(value, view);
        Expr expr = plain ? knownInOrder.get(value) : known.get(seen);
        if (expr == null) {
            Node node = value.node();
            boolean here = inlined.test(node) || own.contains(node) && view.isContiguous();
            expr = here ? body(node, view) : read(value, view, Optional.empty());
            if (plain) {
                knownInOrder.put(value, expr);
            } else {
                known.put(seen, expr);
            }
        }
        return expr;
    }

    private Expr read(NodeOutput value, View view, Optional<Draw> draw) {
        Read read = new Read(Storage.of(value), view.offset(), view.strides(), draw);
        int at = reads.indexOf(read);
        if (at < 0) {
            at = reads.size();
            reads.add(read);
            inputs.add(value);
            declared.add(new PointwiseProblem.Input("x" + at, value.type().dtype(), read.offset(), read.strides(), draw));
        }
        return new Expr.Input(at);
    }

    /** The part. */
    PointwiseProblem.Part part() {
        return new PointwiseProblem.Part(shape, declared, results, outputs.stream().map(value -> value.type().dtype()).toList());
    }

    /** The values that it reads, in the order of the part's inputs. */
    List<NodeOutput> inputs() {
        return inputs;
    }

    /** The values that it writes. */
    List<NodeOutput> outputs() {
        return outputs;
    }

    /** The nodes that it computes. */
    Set<Node> nodes() {
        return nodes;
    }

    /** The expressions of its results. */
    List<Expr> results() {
        return results;
    }

    /** Whether a stored value is read, and in the part's own order if {@code inOrder}. */
    boolean reads(NodeOutput value, boolean inOrder) {
        for (int i = 0; i < reads.size(); i++) {
            if (reads.get(i).value().equals(value)) {
                if (declared.get(i).isContiguous(shape) == inOrder) {
                    return true;
                }
            }
        }
        return false;
    }
}
