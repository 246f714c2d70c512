package dev.quern.graph.ir;

import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.IllegalOperandException;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Random;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.op.Value;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Builds a graph. Every node's type is inferred and its local folds are done when it is emitted; equal nodes are one.
 *
 * <p>Names: within {@code scope("conv1")} the first anchor (a convolution, a matrix product, …) is called {@code conv1} and
 * other nodes {@code conv1.relu}; a name that is taken gets {@code _2}, {@code _3}, … Pins refer to these names. Not for use
 * by several threads at a time.
 */
public final class GraphBuilder implements Emitter {
    private record Key(Op op, List<NodeOutput> inputs) {
    }

    /** Where new nodes get their names and source lines from. */
    private record Context(String prefix, Optional<SourceLine> source, boolean anchorsTakeIt) {
    }

    /** A scope of names, to be closed where it ends. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    private final String name;
    private final Set<Fold> folds;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Key, Node> known = new HashMap<>();
    private final Map<String, Node> leaves = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Integer> suffixes = new HashMap<>();
    private final Map<String, NodeOutput> outputs = new LinkedHashMap<>();
    private final Set<String> assigned = new HashSet<>();
    private int randoms;
    private final Deque<Context> contexts = new ArrayDeque<>();
    private final Map<Node, Integer> recomputed = new HashMap<>();
    private int regions;
    private OptionalInt region = OptionalInt.empty();

    /** A builder of an empty graph. */
    public GraphBuilder(String name) {
        this(name, EnumSet.allOf(Fold.class));
    }

    /** A builder that folds no more than what is asked for; with nothing, the graph is what is emitted, node by node. */
    public GraphBuilder(String name, Set<Fold> folds) {
        this.name = name;
        this.folds = Set.copyOf(folds);
    }

    /** A tensor that the host fills in before each step. */
    public Value input(String inputName, DType dtype, Shape shape) {
        return leaf(inputName, new Input(inputName, new TensorType(dtype, shape)));
    }

    /** A trainable tensor of the state. Asking again for the same path gives the same value. */
    public Value parameter(String path, DType dtype, Shape shape) {
        return leaf(path, new Parameter(path, new TensorType(dtype, shape), true));
    }

    /** A tensor of the state that is not trained: an optimizer's moment, a running statistic. */
    public Value state(String path, DType dtype, Shape shape) {
        return leaf(path, new Parameter(path, new TensorType(dtype, shape), false));
    }

    /** An F32 scalar that the host sets before a step. */
    public Value stepScalar(String scalarName) {
        return leaf(scalarName, new StepScalar(scalarName));
    }

    @Override
    public Value random(Distribution distribution, Shape shape) {
        Value key = leaf(Random.KEY, new Input(Random.KEY, new TensorType(DType.I32, Draw.KEY)));
        return emitOne(new Random(distribution, "graph/" + randoms++, shape), key);
    }

    private Value leaf(String leafName, Op op) {
        Node existing = leaves.get(leafName);
        if (existing != null) {
            if (!existing.op().equals(op)) {
                throw new GraphException(existing.place() + ": is " + existing.op().label() + " "
                        + existing.types().getFirst() + " already and cannot be " + op.label() + " "
                        + op.infer(List.of()).getFirst() + " too; use another name");
            }
            return existing.output(0);
        }
        if (!names.add(leafName)) {
            throw new GraphException(leafName + " (" + source() + "): the name is taken by another node; use another name");
        }
        Node node = append(op, List.of(), op.infer(List.of()), leafName, source());
        leaves.put(leafName, node);
        return node.output(0);
    }

    /**
     * Gives a tensor of the state a new value at the end of the step; every read of the step sees the old one.
     *
     * @param target   what {@link #parameter} or {@link #state} returned
     * @param newValue of the same type
     */
    public void assign(Value target, Value newValue) {
        NodeOutput place = own(target);
        if (!(place.node().op() instanceof Parameter parameter)) {
            throw new GraphException(place.node().place() + ": only a parameter or a state can be assigned");
        }
        if (assigned.contains(parameter.path())) {
            throw new GraphException(parameter.path() + " (" + source() + "): is assigned twice in one step");
        }
        emit(parameter.path() + ".assign", new Assign(parameter.path(), parameter.type()), List.of(newValue));
        assigned.add(parameter.path());
    }

    /** Asks for a value under a name: it can be read after each step. */
    public void output(String outputName, Value value) {
        if (outputs.putIfAbsent(outputName, own(value)) != null) {
            throw new GraphException(outputName + " (" + source() + "): is the name of another output already");
        }
    }

    /** Opens a scope of names within the current one. */
    public Scope scope(String scopeName) {
        return open(new Context(prefix() + scopeName + ".", Optional.empty(), true));
    }

    /** Opens a scope of names whose nodes all belong to one source line, such as that where a layer was made. */
    public Scope scope(String scopeName, SourceLine source) {
        return open(new Context(prefix() + scopeName + ".", Optional.of(source), true));
    }

    /** Opens a scope for nodes that follow from another node, such as its gradients: they share its source line. */
    public Scope following(Node node, String what) {
        return open(new Context(node.name() + "." + what + ".", Optional.of(node.source()), false));
    }

    /**
     * Opens a region whose values are not kept for the gradient but computed again when it is needed, from what the region reads from
     * outside: less memory for one more forward pass of the region (gradient checkpointing, Chen et al., "Training Deep Nets with
     * Sublinear Memory Cost", 2016). What is read after the region ends is kept all the same, so end it where few values leave it.
     *
     * @throws GraphException within another such region
     */
    public Scope recompute() {
        if (region.isPresent()) {
            throw new GraphException("recompute (" + source() + "): regions that are computed again cannot lie in each other; close the "
                    + "first before the second");
        }
        region = OptionalInt.of(regions++);
        return () -> region = OptionalInt.empty();
    }

    /** The region that a node belongs to, if its values are to be computed again for gradients. */
    public OptionalInt recomputeRegion(Node node) {
        Integer number = recomputed.get(node);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private Scope open(Context context) {
        contexts.push(context);
        return () -> {
            if (contexts.peek() != context) {
                throw new IllegalStateException("scope " + context.prefix() + " is not the innermost one");
            }
            contexts.pop();
        };
    }

    private String prefix() {
        return contexts.isEmpty() ? "" : contexts.peek().prefix();
    }

    private SourceLine source() {
        return contexts.stream().flatMap(context -> context.source().stream()).findFirst()
                .orElseGet(SourceLine::ofCaller);
    }

    @Override
    public List<Value> emit(String label, Op op, List<Value> inputs) {
        List<NodeOutput> operands = new ArrayList<>();
        inputs.forEach(input -> operands.add(own(input)));
        return List.copyOf(emitNode(label, op, operands, Optional.empty()));
    }

    @Override
    public <T> T checked(String label, Supplier<T> rule) {
        try {
            return rule.get();
        } catch (IllegalOperandException e) {
            throw new GraphException(prefix() + label + " (" + source() + "): " + e.getMessage(), e);
        }
    }

    /** Appends a copy of another graph's node under its own name and source line. */
    List<NodeOutput> copy(Node node, List<NodeOutput> inputs) {
        boolean leaf = node.op() instanceof Input || node.op() instanceof Parameter || node.op() instanceof StepScalar;
        if (!leaf) {
            return emitNode(node.name(), node.op(), inputs, Optional.of(node.source()));
        }
        names.add(node.name());
        Node copy = append(node.op(), List.of(), node.types(), node.name(), node.source());
        leaves.put(node.name(), copy);
        return copy.outputs();
    }

    /** Appends an op in the place of another graph's node. */
    List<NodeOutput> emitFor(Node node, String label, Op op, List<NodeOutput> inputs) {
        return emitNode(label, op, inputs, Optional.of(node.source()));
    }

    private List<NodeOutput> emitNode(String label, Op op, List<NodeOutput> inputs, Optional<SourceLine> given) {
        SourceLine source = given.orElseGet(this::source);
        Canonical.Form form;
        try {
            // The op is checked as it was written, so that errors speak of what the user wrote.
            op.infer(inputs.stream().map(NodeOutput::type).toList());
            form = Canonical.of(op, inputs, folds);
        } catch (QuernException e) {
            throw new GraphException(nameFor(label, op) + " (" + source + "): " + e.getMessage(), e);
        }
        return switch (form) {
            case Canonical.Existing existing -> List.of(existing.value());
            case Canonical.Followed followed -> {
                List<NodeOutput> outputs = new ArrayList<>(emitNode(label, followed.op(), followed.inputs(), given));
                outputs.set(0, emitNode(followed.then().label(), followed.then(), List.of(outputs.getFirst()), given).getFirst());
                yield outputs;
            }
            case Canonical.Applied applied -> {
                Key key = new Key(applied.op(), applied.inputs());
                Node equal = folds.contains(Fold.EQUAL_NODES) ? known.get(key) : null;
                if (equal != null) {
                    yield equal.outputs();
                }
                List<TensorType> types = applied.op().infer(applied.inputs().stream().map(NodeOutput::type).toList());
                Node node = append(applied.op(), applied.inputs(), types, unique(nameFor(label, applied.op())), source);
                known.put(key, node);
                yield node.outputs();
            }
        };
    }

    private Node append(Op op, List<NodeOutput> inputs, List<TensorType> types, String nodeName, SourceLine source) {
        Node node = new Node(nodes.size(), op, inputs, types, nodeName, source);
        nodes.add(node);
        if (region.isPresent() && !inputs.isEmpty()) {
            recomputed.put(node, region.getAsInt());
        }
        return node;
    }

    private String nameFor(String label, Op op) {
        Context context = contexts.peek();
        if (context == null || op instanceof Assign) {
            return label;
        }
        if (context.anchorsTakeIt() && op.fusionKind() == FusionKind.ANCHOR) {
            String bare = context.prefix().substring(0, context.prefix().length() - 1);
            if (!names.contains(bare)) {
                return bare;
            }
        }
        return context.prefix() + label;
    }

    private String unique(String wanted) {
        if (names.add(wanted)) {
            return wanted;
        }
        String candidate;
        do {
            candidate = wanted + "_" + (suffixes.merge(wanted, 1, Integer::sum) + 1);
        } while (!names.add(candidate));
        return candidate;
    }

    private NodeOutput own(Value value) {
        if (value instanceof NodeOutput output && output.node().id() < nodes.size()
                && nodes.get(output.node().id()) == output.node()) {
            return output;
        }
        throw new GraphException(value.name() + " (" + source() + "): belongs to another graph than " + name
                + "; a value can be used only in the builder that made it");
    }

    /**
     * The node of a value.
     *
     * @throws GraphException if the value is another builder's
     */
    public NodeOutput resolve(Value value) {
        return own(value);
    }

    /** The nodes so far, in order. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /**
     * The graph so far: every input and what outputs and assignments need. The builder can go on.
     *
     * @throws GraphException if nothing is asked for
     */
    public Graph build() {
        if (outputs.isEmpty() && assigned.isEmpty()) {
            throw new GraphException("graph " + name + ": has no output and assigns nothing; call output(name, value)");
        }
        Graph graph = Rewrite.live(name, nodes, outputs);
        Verifier.verify(graph);
        return graph;
    }
}
