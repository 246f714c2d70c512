package dev.quern.bench.train;

import dev.quern.bench.measure.Contestant;
import dev.quern.examples.ExampleModel;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.select.Families;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.StepRule;
import dev.quern.layers.train.Feeder;
import dev.quern.layers.train.ModelGraph;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A model's training step, ready to run: loading a batch, copying it, forward, backward, update, and reading the loss. It
 * is timed on the wall clock, all of that included.
 */
public final class TrainingStep implements Contestant, AutoCloseable {
    private final TrainOptions recipe;
    private final ModelGraph training;
    private final BatchLoader loader;
    private final State state;
    private final Plan plan;
    private final List<StepRule> rules;
    private final Feeder feeder;
    private final SequencedMap<String, HostTensor> feeds = new LinkedHashMap<>();
    private long step;

    private TrainingStep(ExampleModel example, TrainOptions recipe, int batch, ModelGraph training, State state, Plan plan) {
        this.recipe = recipe;
        this.training = training;
        this.loader = new BatchLoader(example.builtInData().train(), batch, recipe.seed());
        this.state = state;
        this.plan = plan;
        this.rules = recipe.optimizer().scalars();
        this.feeder = new Feeder(example.task(), training, plan, batch, loader);
        example.task().feeds().forEach(feed -> feeds.put(feed.name(), HostTensor.zeros(feed.dtype(), feed.batchShape(batch))));
        for (ParameterSpec parameter : training.parameters()) {
            state.write(parameter.path(), parameter.initial(recipe.seed()));
        }
    }

    /**
     * Compiles a model's step with fresh parameters.
     *
     * @param recipe  its loss, optimizer, learning rate and seed
     * @param options how to compile it
     */
    public static TrainingStep compile(ExampleModel example, TrainOptions recipe, int batch, Device device, CompileOptions options) {
        ModelGraph training = ModelGraph.training(example.task(), batch, recipe.optimizer());
        State state = State.create(device);
        try {
            return new TrainingStep(example, recipe, batch, training, state,
                    Compiler.compile(training.graph(), device, state, options));
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /** What the step's plan does, and why. */
    public Explanation explanation() {
        return plan.explanation();
    }

    /** Floating-point operations of a step, as the ops count them. */
    double flops() {
        return flops(training.graph());
    }

    static double flops(Graph graph) {
        double flops = 0;
        for (Node node : graph.nodes()) {
            flops += node.op().cost(node.inputTypes(), node.types()).flops();
        }
        return flops;
    }

    /**
     * Runs two steps beside the interpreter, which computes the unfused graph with the references. The second step depends
     * on every gradient of the first.
     *
     * @return the largest of the relative errors of the two losses, and of each tensor of the state afterwards in terms of
     *         root mean squares
     */
    public double errorOfTwoSteps() {
        Map<String, HostTensor> leaves = new TreeMap<>();
        state.paths().forEach(path -> leaves.put(path, state.read(path)));
        Interpreter interpreter = new Interpreter(Families.load());
        double error = 0;
        for (int i = 0; i < 2; i++) {
            rules.forEach(rule -> leaves.put(rule.name(), HostTensor.of(Shape.scalar(), scalar(rule))));
            loader.fillTraining(0, (int) step % loader.trainingBatches(), feeds.values().stream().map(HostTensor::memory).toList());
            training.inputs().forEach(name -> leaves.put(name, feeds.get(name)));
            Interpreter.Result expected = interpreter.run(training.graph(), leaves);
            leaves.putAll(expected.assigned());
            double loss = expected.outputs().get(ModelGraph.LOSS).get(0);
            error = Math.max(error, Math.abs(run() - loss) / Math.abs(loss));
        }
        for (String path : state.paths()) {
            error = Math.max(error, relative(state.read(path), leaves.get(path)));
        }
        return error;
    }

    /**
     * How far two plans of a step are apart.
     *
     * @param loss  the larger of the relative errors of two losses
     * @param state the largest error of a tensor of the state afterwards, in terms of root mean squares
     */
    record Difference(double loss, double state) {
    }

    /** Runs two steps beside another device's plan of the same step. */
    Difference beside(TrainingStep other) {
        double losses = 0;
        for (int i = 0; i < 2; i++) {
            double loss = other.run();
            losses = Math.max(losses, Math.abs(run() - loss) / Math.abs(loss));
        }
        double tensors = 0;
        for (String path : state.paths()) {
            double error = relative(state.read(path), other.state.read(path));
            tensors = error <= tensors ? tensors : error;
        }
        return new Difference(losses, tensors);
    }

    private static double relative(HostTensor actual, HostTensor expected) {
        double difference = 0;
        double size = 0;
        for (long i = 0; i < expected.shape().elements(); i++) {
            difference += (actual.get(i) - expected.get(i)) * (actual.get(i) - expected.get(i));
            size += expected.get(i) * expected.get(i);
        }
        return difference == 0 ? 0 : Math.sqrt(difference / size);
    }

    private float scalar(StepRule rule) {
        // The rate stays at a tenth of the recipe's, so that thousands of steps on few batches cannot diverge.
        return (float) rule.value().at(step + 1, recipe.learningRate() / 10);
    }

    private float run() {
        for (StepRule rule : rules) {
            plan.setScalar(rule.name(), scalar(rule));
        }
        if (plan.isRandom()) {
            plan.setRandom(recipe.seed(), step);
        }
        long epoch = step / loader.trainingBatches();
        feeder.fill(epoch, (int) (step % loader.trainingBatches()));
        plan.run();
        step++;
        return plan.scalar(ModelGraph.LOSS);
    }

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public long[] block(int warm, int runs) {
        for (int i = 0; i < warm; i++) {
            run();
        }
        long[] nanos = new long[runs];
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            run();
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    @Override
    public void close() {
        try (State first = state; Plan second = plan; Feeder third = feeder) {
            // Closed in reverse order, each even if another fails.
        }
    }
}
