package dev.quern.graph.fuzz;

import dev.quern.graph.expr.ExprGradient;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.ArgReduce;
import dev.quern.graph.op.Broadcasting;
import dev.quern.graph.op.Cast;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.StopGradient;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.testing.Choices;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Grows a small graph backwards: an output of some shape is wanted, a {@link Rule} that makes this shape is drawn, which wants its
 * operands, and so on until leaves. Subexpressions are shared now and then, some are asked for as outputs of their own, some lie
 * in a region that is computed again. A loss over all outputs, its gradients and an update of the parameters come on top.
 *
 * <p>Everything is drawn from {@link Choices} of which the least is the simplest: a leaf, a single output, no gradient. What a
 * wanted tensor took of them is a {@link Span}, so that a graph can be made simpler part by part.
 */
public final class GraphGrower {
    static final int MOST_AXES = 4;
    private static final int MOST_ELEMENTS = 1500;
    /** Deep enough for chains, shallow enough to be compiled quickly. */
    private static final int MOST_NODES = 12;

    /**
     * What a wanted tensor was drawn from.
     *
     * @param start its first choice
     * @param end   the choice behind its last
     * @param shape its shape
     */
    public record Span(int start, int end, Shape shape) {
    }

    /**
     * A graph.
     *
     * @param graph     the graph
     * @param bounds    for each input of indices, what they are less than
     * @param gradients the parameters by which the loss was differentiated: the outputs {@code grad.NAME}
     * @param choices   what it was drawn from
     * @param spans     the wanted tensors
     */
    public record Grown(Graph graph, Map<String, Integer> bounds, List<String> gradients, List<Integer> choices, List<Span> spans) {
    }

    private final GraphBuilder g;
    private final Choices choices;
    private final boolean derivable;
    private final Map<Shape, List<Value>> pool = new HashMap<>();
    private final List<Value> parameters = new ArrayList<>();
    private final List<Value> asked = new ArrayList<>();
    private final Map<String, Integer> bounds = new HashMap<>();
    private final List<Span> spans = new ArrayList<>();
    private int budget;
    private int depth;
    private int inputs;
    private int states;
    private boolean repeated;

    private GraphGrower(GraphBuilder g, Choices choices, boolean derivable) {
        this.g = g;
        this.choices = choices;
        this.derivable = derivable;
    }

    /**
     * A graph drawn from choices.
     *
     * @param derivable whether its gradients are to be derivatives: nothing is rounded to other types or stopped, and there is no update
     */
    public static Grown grow(String name, Choices choices, boolean derivable) {
        return new GraphGrower(new GraphBuilder(name), choices, derivable).whole();
    }

    /** A graph drawn from choices of which nothing is folded while it is built. */
    public static Grown unfolded(String name, Choices choices) {
        return new GraphGrower(new GraphBuilder(name, Set.of()), choices, false).whole();
    }

    private Grown whole() {
        int outputs = choices.between(1, 2);
        boolean gradient = choices.between(0, 3) > 0 || derivable;
        boolean update = choices.between(0, 2) > 0 && !derivable;
        budget = choices.between(1, MOST_NODES);
        for (int i = 0; i < outputs; i++) {
            asked.addFirst(grow(shape()));
        }
        for (int i = 0; i < asked.size(); i++) {
            g.output("y" + i, asked.get(i));
        }
        List<Value> wrt = List.of();
        if (gradient) {
            Value loss = loss();
            g.output("loss", loss);
            wrt = parameters.stream().filter(parameter -> depends(loss, parameter)).toList();
            if (!wrt.isEmpty()) {
                differentiate(loss, wrt, update);
            }
        }
        return new Grown(g.build(), Map.copyOf(bounds), wrt.stream().map(Value::name).toList(), choices.made(), List.copyOf(spans));
    }

    private Value loss() {
        Value loss = g.constant(0.5);
        for (Value each : asked) {
            Value real = each.type().dtype() == DType.F32 ? each : g.cast(each, DType.F32);
            loss = g.add(loss, g.reduceMean(choices.yes() ? g.square(real) : g.tanh(real), false));
        }
        return loss;
    }

    private void differentiate(Value loss, List<Value> wrt, boolean update) {
        List<Value> gradients = Gradients.of(g, loss, wrt);
        for (int i = 0; i < wrt.size(); i++) {
            g.output("grad." + wrt.get(i).name(), gradients.get(i));
        }
        if (choices.oneIn(8)) {
            second(gradients, wrt);
        }
        if (!update) {
            return;
        }
        Value rate = g.stepScalar("rate");
        boolean momentum = choices.yes();
        for (int i = 0; i < wrt.size(); i++) {
            Value parameter = wrt.get(i);
            Value next = gradients.get(i);
            if (momentum) {
                Value velocity = g.state("v." + parameter.name(), DType.F32, parameter.shape());
                next = g.add(g.mul(velocity, g.constant(0.9)), next);
                g.assign(velocity, next);
            }
            // Now and then one parameter follows another, so that an update reads what another one changes.
            boolean follows = i > 0 && choices.oneIn(4) && Broadcasting.reaches(wrt.get(i - 1).shape(), parameter.shape());
            Value moved = g.sub(parameter, g.mul(rate, next));
            g.assign(parameter, follows ? g.add(moved, g.mul(g.constant(0.1), wrt.get(i - 1))) : moved);
        }
    }

    /** Gradients of gradients, where every rule has them. */
    private void second(List<Value> gradients, List<Value> wrt) {
        Value sum = g.constant(0);
        for (Value gradient : gradients) {
            sum = g.add(sum, g.reduceMean(g.square(gradient), false));
        }
        Value loss = sum;
        List<Value> reached = wrt.stream().filter(parameter -> depends(loss, parameter)).toList();
        try {
            List<Value> results = reached.isEmpty() ? List.of() : Gradients.of(g, loss, reached);
            for (int i = 0; i < results.size(); i++) {
                g.output("second." + reached.get(i).name(), results.get(i));
            }
        } catch (GraphException e) {
            if (!e.getMessage().contains("not supported") && !e.getMessage().contains("has no gradient")
                    && !e.getMessage().contains("does not depend on it")) {
                throw e;
            }
        }
    }

    /** Whether a gradient flows from the loss to a parameter. */
    private boolean depends(Value loss, Value parameter) {
        boolean[] reached = new boolean[g.nodes().size()];
        reached[g.resolve(parameter).node().id()] = true;
        for (Node node : g.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                reached[node.id()] |= reached[node.input(i).node().id()] && passes(node, i);
            }
        }
        return reached[g.resolve(loss).node().id()];
    }

    private static boolean passes(Node node, int input) {
        if (!node.input(input).type().dtype().floating()) {
            return false;
        }
        return switch (node.op()) {
            case StopGradient op -> false;
            case ArgReduce op -> false;
            case Cast op -> op.dtype().floating();
            case Pointwise op -> !(ExprGradient.of(op.expression(), op.arity()).get(input) instanceof Expr.Constant(float value) && value == 0);
            default -> true;
        };
    }

    GraphBuilder g() {
        return g;
    }

    Choices choose() {
        return choices;
    }

    /** Whether gradients are to be derivatives. */
    boolean derivable() {
        return derivable;
    }

    static boolean hasRoom(Shape shape) {
        return shape.elements() <= MOST_ELEMENTS;
    }

    /** A shape, or another where it is too large. */
    Shape roomy(Shape shape, Shape other) {
        return hasRoom(shape) ? shape : other;
    }

    /** Any shape. */
    Shape shape() {
        int rank = choices.oneOf(0, 1, 2, 3, 4, 4, 4, 2, 3);
        List<Integer> extents = new ArrayList<>();
        int left = MOST_ELEMENTS / 2;
        for (int axis = 0; axis < rank; axis++) {
            extents.add(choices.extent(Math.max(1, Math.min(rank == 4 ? 9 : 40, left))));
            left /= extents.getLast();
        }
        return Extents.of(extents);
    }

    int axis(Shape shape) {
        return choices.between(0, shape.rank() - 1);
    }

    /** An axis with more than one place. */
    int longAxis(Shape shape) {
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.extent(axis) > 1) {
                axes.add(axis);
            }
        }
        return choices.oneOf(axes);
    }

    /** The extent of an axis more for a shape. */
    int extra(Shape shape) {
        return choices.extent((int) Math.clamp(MOST_ELEMENTS / shape.elements(), 1, 40));
    }

    /** A shape that broadcasts to this one: mostly itself. */
    Shape narrow(Shape shape) {
        if (shape.rank() == 0 || !choices.oneIn(3)) {
            return shape;
        }
        int from = choices.between(0, shape.rank());
        List<Integer> extents = Extents.list(Extents.part(shape, from, shape.rank()));
        extents.replaceAll(extent -> choices.oneIn(3) ? 1 : extent);
        return Extents.of(extents);
    }

    Value narrower(Shape shape) {
        return grow(narrow(shape));
    }

    /** Makes this an output too. */
    void ask(Value value) {
        if (asked.size() < 5 && !asked.contains(value)) {
            asked.add(value);
        }
    }

    /** A tensor of this shape. */
    Value grow(Shape want) {
        int start = choices.count();
        depth++;
        Value value = node(want);
        depth--;
        spans.add(new Span(start, choices.count(), want));
        pool.computeIfAbsent(want, _ -> new ArrayList<>()).add(value);
        return value;
    }

    private Value node(Shape want) {
        int kind = choices.between(0, depth > 4 ? 5 : 11);
        boolean known = pool.containsKey(want);
        if (kind == 0 || budget <= 0 || kind == 1 && !known) {
            return leaf(want);
        }
        if (kind == 1) {
            return choices.oneOf(pool.get(want));
        }
        budget--;
        if (!repeated && choices.oneIn(12)) {
            repeated = true;
            try (GraphBuilder.Scope scope = g.recompute()) {
                return drawn(want);
            } finally {
                repeated = false;
            }
        }
        return drawn(want);
    }

    private Value drawn(Shape want) {
        List<Rule> rules = switch (choices.between(0, 9)) {
            case 0, 1, 2, 3 -> ElementwiseRules.ALL;
            case 4, 5 -> MovementRules.ALL;
            case 6, 7 -> RowRules.ALL;
            default -> ContractionRules.ALL;
        };
        List<Rule> fitting = fitting(rules, want);
        return choices.oneOf(fitting.isEmpty() ? fitting(ElementwiseRules.ALL, want) : fitting).grow().apply(this, want);
    }

    private List<Rule> fitting(List<Rule> rules, Shape want) {
        return rules.stream().filter(rule -> (rule.exact() || !derivable) && rule.fits().test(want)).toList();
    }

    private Value leaf(Shape want) {
        return switch (choices.between(0, 9)) {
            case 0, 1, 2, 3, 4, 5 -> parameter(want);
            case 6, 7 -> input(want);
            case 8 -> g.constant(choices.oneOf(0.5, 1.0, 0.0), want);
            default -> g.random(choices.oneOf(Distribution.UNIFORM, Distribution.NORMAL, Distribution.bernoulli(0.3)), want);
        };
    }

    /** A tensor that is trained. */
    Value parameter(Shape shape) {
        List<Value> alike = parameters.stream().filter(parameter -> parameter.shape().equals(shape)).toList();
        if (!alike.isEmpty() && choices.oneIn(3)) {
            return choices.oneOf(alike);
        }
        parameters.add(g.parameter("p" + parameters.size(), DType.F32, shape));
        return parameters.getLast();
    }

    /** A tensor of the state that is not trained. */
    Value state(Shape shape) {
        return g.state("s" + states++, DType.F32, shape);
    }

    /** A tensor that the host gives. */
    Value input(Shape shape) {
        return g.input("x" + inputs++, DType.F32, shape);
    }

    /** Indices from 0 to below a bound. */
    Value index(Shape shape, int bound) {
        Shape rows = Extents.insert(shape, shape.rank(), bound);
        if (budget > 0 && hasRoom(rows) && choices.oneIn(4)) {
            budget--;
            return g.argmax(grow(rows), shape.rank(), false);
        }
        Value index = g.input("i" + inputs++, DType.I32, shape);
        bounds.put(index.name(), bound);
        return index;
    }
}
