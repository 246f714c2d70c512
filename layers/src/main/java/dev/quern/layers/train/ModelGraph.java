package dev.quern.layers.train;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Update;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A task's whole graph for one batch size: a training step (forward, backward and update in one), or evaluation.
 *
 * @param graph   the graph; its inputs are the feeds that the task asks for; outputs are the objectives' losses by name, or
 *                what the task emits for evaluation
 * @param inputs  the names of these feeds
 * @param context what the layers declared
 */
public record ModelGraph(Graph graph, Set<String> inputs, LayerContext context) {
    /** The output of a training step with one objective, F32 []. */
    public static final String LOSS = "loss";

    /** The graph of a training step. */
    public static ModelGraph training(Task task, int batch, Optimizer optimizer) {
        requireBatch(batch);
        GraphBuilder graph = new GraphBuilder(task.name() + "-train");
        LayerContext context = LayerContext.root(graph, true);
        Batch feeds = new Batch(graph, task.feeds(), batch);
        List<Objective> objectives = task.objectives(context, feeds);
        List<ParameterSpec> trained = context.parameters().stream().filter(ParameterSpec::trained).toList();
        for (ParameterSpec parameter : trained) {
            long serves = objectives.stream().filter(objective -> objective.changes(parameter.path())).count();
            if (serves != 1) {
                throw new QuernException("model " + task.name() + ": parameter " + parameter.path() + " serves " + serves
                        + " objectives, expected one; give each objective the path of its own module");
            }
        }
        for (Objective objective : objectives) {
            List<ParameterSpec> parameters = trained.stream().filter(parameter -> objective.changes(parameter.path())).toList();
            List<Value> values = parameters.stream().map(ParameterSpec::value).toList();
            Update.emit(graph, optimizer, parameters.stream().map(ParameterSpec::path).toList(), values,
                    Gradients.of(graph, objective.loss(), values));
            graph.output(objective.name(), objective.loss());
        }
        return new ModelGraph(graph.build(), feeds.asked(), context);
    }

    /** The graph of evaluation. */
    public static ModelGraph evaluation(Task task, int batch) {
        requireBatch(batch);
        GraphBuilder graph = new GraphBuilder(task.name() + "-evaluate");
        LayerContext context = LayerContext.root(graph, false);
        Batch feeds = new Batch(graph, task.feeds(), batch);
        task.outputs(context, feeds).forEach(graph::output);
        return new ModelGraph(graph.build(), feeds.asked(), context);
    }

    /** What the layers declared: parameters and buffers. */
    public List<ParameterSpec> parameters() {
        return context.parameters();
    }

    /** The names of a training step's losses, the first objective's first. */
    public List<String> losses() {
        return new ArrayList<>(graph.outputs().keySet());
    }

    private static void requireBatch(int batch) {
        if (batch < 1) {
            throw new QuernException("batch is " + batch + ", expected at least 1");
        }
    }
}
