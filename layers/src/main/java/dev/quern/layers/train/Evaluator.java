package dev.quern.layers.train;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.PlanCache;
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
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Runs a model over samples and judges what it gives, in batches of one size, or on any number of samples that it is given. It owns its
 * plans, one for each size that was used lately, and borrows the parameters.
 */
public final class Evaluator implements AutoCloseable {
    /** Sizes of batches for which plans are kept: each has an arena of its own. */
    private static final int SIZES = 4;

    private final Task task;
    private final int batch;
    private final State state;
    private final TreeMap<String, TensorType> parameters = new TreeMap<>();
    private final PlanCache plans;
    private final List<String> inputs;
    private final TreeMap<String, HostTensor> feeds = new TreeMap<>();
    private final List<MemorySegment> rows = new ArrayList<>();
    private final TreeMap<String, HostTensor> outputs;

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
        this.plans = new PlanCache(SIZES, device, state, CompileOptions.defaults(),
                shapes -> ModelGraph.evaluation(task, shapes.firstEntry().getValue().extent(0)).graph());
        this.outputs = outputs(plan(batch));
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

    /**
     * Evaluates every sample; the last batch may be padded, and what pads it is not counted: a few rows too many take less than compiling
     * a plan for a size that comes once.
     */
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
            run(plan(batch), number, feeds, outputs);
            meter.add(counted, feeds, outputs);
        }
        return new Evaluation(data.size(), meter.metrics(), (System.nanoTime() - begin) * 1e-9);
    }

    /**
     * Runs the model on samples that are given directly, as many as there are: sizes that were not used lately are compiled first.
     *
     * @param given the samples' tensors by feed, each {@code [samples, sample shape...]}; a feed that the outputs do not depend on may be
     *              absent
     * @return the outputs by name
     * @throws QuernException if a tensor is of no feed, is missing, has another type than its feed, or not as many samples as the others
     */
    public SortedMap<String, HostTensor> run(SortedMap<String, HostTensor> given) {
        int samples = samples(given);
        Plan plan = plan(samples);
        TreeMap<String, HostTensor> results = outputs(plan);
        run(plan, 0, given, results);
        return results;
    }

    /** How many samples are given; every tensor fits them. */
    private int samples(SortedMap<String, HostTensor> given) {
        List<String> missing = inputs.stream().filter(name -> !given.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            throw new QuernException("model " + task.name() + ": nothing was given for " + String.join(", ", missing) + "; it takes "
                    + task.feeds());
        }
        Shape first = given.firstEntry().getValue().shape();
        int samples = first.rank() == 0 ? 0 : first.extent(0);
        given.forEach((name, tensor) -> {
            Feed feed = task.feeds().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow(() ->
                    new QuernException("model " + task.name() + ": no feed is named " + name + "; it takes " + task.feeds()));
            if (samples == 0 || tensor.dtype() != feed.dtype() || !tensor.shape().equals(feed.batchShape(samples))) {
                throw new QuernException("model " + task.name() + ": " + name + " is given as " + tensor + ", expected " + feed.dtype()
                        + feed.batchShape(Math.max(1, samples)) + "; all feeds hold the same number of samples, at least 1");
            }
        });
        return samples;
    }

    /** How many sizes of batches have a plan now. */
    public int sizes() {
        return plans.size();
    }

    private Plan plan(int samples) {
        TreeMap<String, Shape> shapes = new TreeMap<>();
        task.feeds().forEach(feed -> shapes.put(feed.name(), feed.batchShape(samples)));
        return plans.plan(shapes);
    }

    private static TreeMap<String, HostTensor> outputs(Plan plan) {
        TreeMap<String, HostTensor> outputs = new TreeMap<>();
        plan.outputs().forEach(name -> outputs.put(name, HostTensor.zeros(plan.outputType(name).dtype(), plan.outputType(name).shape())));
        return outputs;
    }

    /** What the model draws at random in evaluation is the same every time: a function of the batch's number alone. */
    private void run(Plan plan, int number, SortedMap<String, HostTensor> given, SortedMap<String, HostTensor> results) {
        if (plan.isRandom()) {
            plan.setRandom(0, number);
        }
        inputs.forEach(name -> plan.set(name, given.get(name)));
        plan.run();
        results.forEach(plan::read);
    }

    static void requireFit(Task task, Samples data) {
        if (!data.feeds().equals(task.feeds())) {
            throw new QuernException("model " + task.name() + " takes " + task.feeds() + ", but " + data.name() + " has "
                    + data.feeds());
        }
    }

    @Override
    public void close() {
        plans.close();
    }
}
