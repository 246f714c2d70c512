package dev.quern.layers.train;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Feed;
import dev.quern.layers.data.Samples;
import dev.quern.layers.optim.Update;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Runs a model over samples and judges what it gives. It owns its plan and borrows the parameters. */
public final class Evaluator implements AutoCloseable {
    private final Task task;
    private final int batch;
    private final State state;
    private final TreeMap<String, TensorType> parameters = new TreeMap<>();
    private final Plan plan;
    private final List<String> inputs;
    private final TreeMap<String, HostTensor> feeds = new TreeMap<>();
    private final List<MemorySegment> rows = new ArrayList<>();
    private final TreeMap<String, HostTensor> outputs = new TreeMap<>();

    /**
     * Compiles the model for evaluation.
     *
     * @param state holds the model's parameters, which may change between evaluations
     * @param batch samples a run
     */
    public Evaluator(Task task, int batch, Device device, State state) {
        this.task = task;
        this.batch = batch;
        this.state = state;
        ModelGraph evaluation = ModelGraph.evaluation(task, batch);
        evaluation.parameters().forEach(parameter -> parameters.put(parameter.path(),
                new TensorType(parameter.dtype(), parameter.shape())));
        for (Feed feed : task.feeds()) {
            HostTensor tensor = HostTensor.zeros(feed.dtype(), feed.batchShape(batch));
            feeds.put(feed.name(), tensor);
            rows.add(tensor.memory());
        }
        evaluation.graph().outputs().forEach((name, value) -> outputs.put(name,
                HostTensor.zeros(value.type().dtype(), value.type().shape())));
        this.plan = Compiler.compile(evaluation.graph(), device, state, CompileOptions.defaults());
        this.inputs = task.feeds().stream().map(Feed::name).filter(evaluation.inputs()::contains).toList();
    }

    /**
     * Sets the state's parameters to a checkpoint's; what it holds for training is left out.
     *
     * @throws QuernException if it is of another model, or lacks or adds a parameter, or one has another shape; nothing
     *                        is changed then
     */
    public void load(Checkpoint checkpoint) {
        load(checkpoint, List.of());
    }

    /**
     * The same for a checkpoint from elsewhere that holds more than the model.
     *
     * @param leftOver tensors whose names begin with one of these are passed over
     * @return how many were
     */
    public int load(Checkpoint checkpoint, List<String> leftOver) {
        checkpoint.requireModel(task.name());
        checkpoint.requireMetadata(task.metadata());
        List<String> allowed = new ArrayList<>(leftOver);
        allowed.add(Update.NAMESPACE);
        checkpoint.restore(state, parameters, allowed);
        return (int) checkpoint.content().tensors().keySet().stream().filter(name -> leftOver.stream().anyMatch(name::startsWith)).count();
    }

    /** Evaluates every sample; the last batch may be padded, and what pads it is not counted. */
    public Evaluation evaluate(Samples data) {
        return evaluate(data, task.meter());
    }

    /** The same, judged by another meter than the task's. */
    public Evaluation evaluate(Samples data, Meter meter) {
        requireFit(task, data);
        long begin = System.nanoTime();
        BatchLoader loader = new BatchLoader(data, batch, 0);
        for (int number = 0; number < loader.evaluationBatches(); number++) {
            int counted = loader.fillEvaluation(number, rows);
            run(number);
            meter.add(counted, feeds, outputs);
        }
        return new Evaluation(data.size(), meter.metrics(), (System.nanoTime() - begin) * 1e-9);
    }

    /**
     * Runs the model on samples that are given directly.
     *
     * @param given the batch's tensors by feed; a feed that the outputs do not depend on may be absent
     * @return the outputs by name, valid until the next run
     */
    public SortedMap<String, HostTensor> run(SortedMap<String, HostTensor> given) {
        given.forEach((name, tensor) -> feeds.get(name).memory().copyFrom(tensor.memory()));
        run(0);
        return outputs;
    }

    /** What the model draws at random in evaluation is the same every time: a function of the batch's number alone. */
    private void run(int number) {
        if (plan.isRandom()) {
            plan.setRandom(0, number);
        }
        inputs.forEach(name -> plan.set(name, feeds.get(name)));
        plan.run();
        outputs.forEach(plan::read);
    }

    static void requireFit(Task task, Samples data) {
        if (!data.feeds().equals(task.feeds())) {
            throw new QuernException("model " + task.name() + " takes " + task.feeds() + ", but " + data.name() + " has "
                    + data.feeds());
        }
    }

    @Override
    public void close() {
        plan.close();
    }
}
