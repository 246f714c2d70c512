package dev.quern.layers.train;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Update;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * A model's whole graph for one batch size: a training step (forward, backward and update in one), or evaluation.
 *
 * @param graph      the graph; inputs {@value #INPUT} and, in training, {@value #LABELS}; output {@value #LOSS} or
 *                   {@value #LOGITS}
 * @param parameters what the layers declared
 */
public record ModelGraph(Graph graph, List<ParameterSpec> parameters) {
    /** The input of samples, F32 [batch, sample shape...]. */
    public static final String INPUT = "x";
    /** The input of class labels, I32 [batch]. */
    public static final String LABELS = "labels";
    /** The output of a training step, F32 []. */
    public static final String LOSS = "loss";
    /** The output of evaluation, F32 [batch, classes]. */
    public static final String LOGITS = "logits";

    /** The graph of a training step. */
    public static ModelGraph training(Model model, int batch, Loss loss, Optimizer optimizer) {
        requireBatch(batch);
        GraphBuilder graph = new GraphBuilder(model.name() + "-train");
        LayerContext context = LayerContext.root(graph, true);
        Value logits = model.build(context, graph.input(INPUT, DType.F32, model.batchShape(batch)));
        Value value = loss.build(graph, logits, graph.input(LABELS, DType.I32, Shape.of(batch)));
        List<ParameterSpec> parameters = context.parameters();
        List<Value> values = parameters.stream().map(ParameterSpec::value).toList();
        Update.emit(graph, optimizer, parameters.stream().map(ParameterSpec::path).toList(), values,
                Gradients.of(graph, value, values));
        graph.output(LOSS, value);
        return new ModelGraph(graph.build(), parameters);
    }

    /** The graph of evaluation. */
    public static ModelGraph evaluation(Model model, int batch) {
        requireBatch(batch);
        GraphBuilder graph = new GraphBuilder(model.name() + "-evaluate");
        LayerContext context = LayerContext.root(graph, false);
        graph.output(LOGITS, model.build(context, graph.input(INPUT, DType.F32, model.batchShape(batch))));
        return new ModelGraph(graph.build(), context.parameters());
    }

    private static void requireBatch(int batch) {
        if (batch < 1) {
            throw new QuernException("batch is " + batch + ", expected at least 1");
        }
    }
}
