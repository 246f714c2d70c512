package dev.quern.layers.nn;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Where a layer is being built: the graph, the path of modules down to it, and whether the graph trains. It gathers the
 * parameters that layers declare.
 */
public final class LayerContext {
    private final GraphBuilder graph;
    private final boolean training;
    private final String path;
    private final Map<String, ParameterSpec> parameters;
    private final List<LayerSummary> summaries;
    private final boolean again;

    private LayerContext(GraphBuilder graph, boolean training, String path, Map<String, ParameterSpec> parameters,
            List<LayerSummary> summaries, boolean again) {
        this.graph = graph;
        this.training = training;
        this.path = path;
        this.parameters = parameters;
        this.summaries = summaries;
        this.again = again;
    }

    /**
     * The context of a whole model.
     *
     * @param graph    where nodes go
     * @param training whether layers that differ in training (dropout, batch norm) behave as in training
     */
    public static LayerContext root(GraphBuilder graph, boolean training) {
        return new LayerContext(graph, training, "", new LinkedHashMap<>(), new ArrayList<>(), false);
    }

    /** Where nodes go. */
    public GraphBuilder graph() {
        return graph;
    }

    /** Whether the graph trains. */
    public boolean training() {
        return training;
    }

    /** The path of the layer being built: {@code features.3}; empty for the model itself. */
    public String path() {
        return path;
    }

    /**
     * Builds an inner layer one step down the path.
     *
     * @param name  its name, without dots: {@code 3} or {@code conv1}
     * @param layer the layer
     * @param input its input
     */
    public Value build(String name, Layer layer, Value input) {
        return build(name, layer, context -> layer.build(context, input), Function.identity());
    }

    /**
     * Builds an inner layer that gives more than one value one step down the path.
     *
     * @param name   its name, without dots
     * @param layer  the layer
     * @param body   builds it in its own context
     * @param output the one of its values that summaries show
     */
    public <T> T build(String name, Layer layer, Function<LayerContext, T> body, Function<T, Value> output) {
        String inner = path.isEmpty() ? name : path + "." + name;
        LayerContext context = new LayerContext(graph, training, inner, parameters, summaries, again);
        int row = summaries.size();
        long before = parameterCount();
        int firstNode = graph.nodes().size();
        T built;
        try (GraphBuilder.Scope _ = scope(name, layer)) {
            built = body.apply(context);
        }
        List<LayerSummary> nested = summaries.subList(row, summaries.size());
        long parametersBelow = nested.stream().mapToLong(LayerSummary::parameters).sum();
        long flopsBelow = nested.stream().mapToLong(LayerSummary::flops).sum();
        long flops = graph.nodes().subList(firstNode, graph.nodes().size()).stream().mapToLong(Flops::of).sum();
        summaries.add(row, new LayerSummary(inner, layer.toString(), output.apply(built).shape(),
                parameterCount() - before - parametersBelow, flops - flopsBelow, nested.isEmpty()));
        return built;
    }

    /**
     * This place, to build the same layers another time: they get the parameters that they declared the first time. For a
     * decoder that runs once for each thing it says.
     */
    public LayerContext again() {
        return new LayerContext(graph, training, path, parameters, new ArrayList<>(), true);
    }

    private GraphBuilder.Scope scope(String name, Layer layer) {
        return layer.line().map(line -> graph.scope(name, line)).orElseGet(() -> graph.scope(name));
    }

    /**
     * Declares an F32 parameter of the layer being built.
     *
     * @param name        PyTorch's name for it: {@code weight}
     * @param shape       its extents
     * @param fans        what the initialiser scales by
     * @param initializer its initial values
     */
    public Value parameter(String name, Shape shape, Fans fans, Initializer initializer) {
        String full = fresh(name);
        Value value = graph.parameter(full, DType.F32, shape);
        parameters.putIfAbsent(full, new ParameterSpec(full, DType.F32, shape, fans, initializer, value, true));
        return value;
    }

    /**
     * Declares an F32 buffer of the layer being built: kept and saved with the parameters, not trained. In training the
     * layer gives it a new value with {@code graph().assign(buffer, value)}.
     *
     * @param name    PyTorch's name for it: {@code running_mean}
     * @param shape   its extents
     * @param initial its initial value
     */
    public Value buffer(String name, Shape shape, double initial) {
        return buffer(name, shape, Initializer.constant(initial));
    }

    /** The same with an initialiser, which is told fans of 1. */
    public Value buffer(String name, Shape shape, Initializer initial) {
        String full = fresh(name);
        Value value = graph.state(full, DType.F32, shape);
        parameters.putIfAbsent(full, new ParameterSpec(full, DType.F32, shape, new Fans(1, 1), initial, value, false));
        return value;
    }

    private String fresh(String name) {
        String full = path.isEmpty() ? name : path + "." + name;
        if (!again && parameters.containsKey(full)) {
            throw new QuernException("parameter " + full + " is declared twice; give the layers different names");
        }
        return full;
    }

    /** The parameters and buffers declared so far, in the order of declaration. */
    public List<ParameterSpec> parameters() {
        return List.copyOf(parameters.values());
    }

    /** How many trained numbers were declared so far; buffers do not count. */
    public long parameterCount() {
        return parameters.values().stream().filter(ParameterSpec::trained).mapToLong(parameter -> parameter.shape().elements()).sum();
    }

    /** One row a layer built so far, outer layers before their inner ones. */
    public List<LayerSummary> summaries() {
        return List.copyOf(summaries);
    }

    /**
     * Declares a bias and adds it.
     *
     * @param product [N, C, ...], one bias a channel
     */
    Value addBias(Value product, Fans fans, Initializer initializer) {
        int[] perChannel = new int[product.shape().rank() - 1];
        Arrays.fill(perChannel, 1);
        perChannel[0] = product.shape().extent(1);
        return graph.add(product, graph.reshape(parameter("bias", Shape.of(perChannel[0]), fans, initializer), perChannel));
    }

    /** A complaint about the layer being built: {@code 7 (LeNet.java:31): Dense(400, 120): ...}. */
    QuernException complaint(Layer layer, String what) {
        String where = layer.line().map(line -> " (" + line + ")").orElse("");
        return new QuernException((path.isEmpty() ? "layer" : path) + where + ": " + layer + ": " + what);
    }
}
