package dev.quern.layers.train;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.nn.Model;
import dev.quern.layers.optim.Update;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.TreeMap;

/** Runs a model over a data set and counts what it gets right. It owns its plan and borrows the parameters. */
public final class Evaluator implements AutoCloseable {
    private final Model model;
    private final int batch;
    private final State state;
    private final TreeMap<String, TensorType> parameters = new TreeMap<>();
    private final Plan plan;
    private final HostTensor logits;
    private final HostTensor labels;

    /**
     * Compiles the model for evaluation.
     *
     * @param state holds the model's parameters, which may change between evaluations
     * @param batch samples a run
     */
    public Evaluator(Model model, int batch, Device device, State state) {
        this.model = model;
        this.batch = batch;
        this.state = state;
        ModelGraph evaluation = ModelGraph.evaluation(model, batch);
        evaluation.parameters().forEach(parameter -> parameters.put(parameter.path(),
                new TensorType(parameter.dtype(), parameter.shape())));
        this.plan = Compiler.compile(evaluation.graph(), device, state, CompileOptions.defaults());
        this.logits = HostTensor.zeros(DType.F32, Shape.of(batch, model.classes()));
        this.labels = HostTensor.zeros(DType.I32, Shape.of(batch));
    }

    /**
     * Sets the state's parameters to a checkpoint's; what it holds for training is left out.
     *
     * @throws QuernException if it is of another model, or lacks or adds a parameter, or one has another shape; nothing
     *                        is changed then
     */
    public void load(Checkpoint checkpoint) {
        checkpoint.requireModel(model.name());
        checkpoint.restore(state, parameters, Update.NAMESPACE);
    }

    /** Evaluates every sample; the last batch may be padded, and what pads it is not counted. */
    public Evaluation evaluate(Dataset data) {
        requireFit(model, data);
        long begin = System.nanoTime();
        BatchLoader loader = new BatchLoader(data, batch, 0);
        int correct = 0;
        double loss = 0;
        for (int number = 0; number < loader.evaluationBatches(); number++) {
            int counted = loader.fillEvaluation(number, plan.input(ModelGraph.INPUT), labels.memory());
            plan.run();
            plan.read(ModelGraph.LOGITS, logits.memory());
            for (int row = 0; row < counted; row++) {
                int label = labels.memory().getAtIndex(ValueLayout.JAVA_INT, row);
                correct += largest(row) == label ? 1 : 0;
                loss += crossEntropy(row, label);
            }
        }
        return new Evaluation(data.size(), correct, loss / data.size(), (System.nanoTime() - begin) * 1e-9);
    }

    private double logit(int row, int column) {
        MemorySegment memory = logits.memory();
        return memory.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * model.classes() + column);
    }

    /** The column of the largest logit, the first of equals; -1 if one is not a number, so that it never counts. */
    private int largest(int row) {
        int best = 0;
        for (int column = 0; column < model.classes(); column++) {
            if (Double.isNaN(logit(row, column))) {
                return -1;
            }
            best = logit(row, column) > logit(row, best) ? column : best;
        }
        return best;
    }

    private double crossEntropy(int row, int label) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < model.classes(); column++) {
            maximum = Math.max(maximum, logit(row, column));
        }
        double sum = 0;
        for (int column = 0; column < model.classes(); column++) {
            sum += Math.exp(logit(row, column) - maximum);
        }
        return maximum + Math.log(sum) - logit(row, label);
    }

    static void requireFit(Model model, Dataset data) {
        if (!data.sampleShape().equals(model.sampleShape()) || data.classes() != model.classes()) {
            throw new QuernException("model " + model.name() + " takes samples " + model.sampleShape() + " of "
                    + model.classes() + " classes, but " + data.name() + " has " + data.sampleShape() + " of "
                    + data.classes());
        }
    }

    @Override
    public void close() {
        plan.close();
    }
}
