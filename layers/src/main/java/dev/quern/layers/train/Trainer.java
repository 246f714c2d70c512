package dev.quern.layers.train;

import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Horizon;
import dev.quern.layers.optim.StepRule;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Trains a model on a device: compiles the training step and the evaluation once, then replays them. It owns the state
 * and the plans, and borrows the device.
 *
 * <p>With the same model, data, options and device every run gives the same losses and the same checkpoint bytes, also
 * when it was stopped and resumed: initial values, order and augmentation are functions of the seed and the step alone.
 *
 * <pre>{@code
 * try (Device device = Devices.open("auto");
 *         Trainer trainer = new Trainer(Classification.of(model), Mnist.read(folder), device, TrainOptions.defaults())) {
 *     trainer.listen(event -> System.out.println(event));
 *     System.out.println(trainer.train().test().headline());
 * }
 * }</pre>
 */
public final class Trainer implements AutoCloseable {
    private final Task task;
    private final Split<? extends Samples> data;
    private final TrainOptions options;
    private final List<ParameterSpec> parameters;
    private final List<String> losses;
    private final Feeder feeder;
    private final State state;
    private final Plan plan;
    private final Evaluator evaluator;
    private final BatchLoader loader;
    private final List<StepRule> rules;
    private final Horizon horizon;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private final Graph graph;
    private Optional<Kept> kept = Optional.empty();
    private volatile boolean stopping;
    private long step;
    private final double[] epochLosses;
    private final float[] stepLosses;

    /**
     * Compiles everything and sets the parameters to their initial values.
     *
     * @throws QuernException if the data do not fit the model, are fewer than a batch, or the checkpoint's folder cannot
     *                        be written
     */
    public Trainer(Task task, Split<? extends Samples> data, Device device, TrainOptions options) {
        Evaluator.requireFit(task, data.train());
        Evaluator.requireFit(task, data.test());
        if (data.train().size() < options.batch()) {
            throw new QuernException("batch is " + options.batch() + ", but " + data.train().name() + " has only "
                    + data.train().size() + " samples; take a smaller batch or more data");
        }
        options.checkpoint().ifPresent(Safetensors::requireWritable);
        this.task = task;
        this.data = data;
        this.options = options;
        this.loader = new BatchLoader(data.train(), options.batch(), options.seed());
        this.rules = options.optimizer().scalars();
        this.horizon = new Horizon((long) options.epochs() * loader.trainingBatches(), loader.trainingBatches());
        if (horizon.steps() > Integer.MAX_VALUE - 64) {
            throw new QuernException(options.epochs() + " epochs of " + loader.trainingBatches() + " steps are more than "
                    + "2^31 steps; train in several runs");
        }
        ModelGraph training = ModelGraph.training(task, options.batch(), options.optimizer());
        this.graph = training.graph();
        this.parameters = training.parameters();
        this.losses = training.losses();
        this.epochLosses = new double[losses.size()];
        this.stepLosses = new float[losses.size()];
        Opened opened = Opened.of(task, training, device, options);
        this.state = opened.state;
        this.plan = opened.plan;
        this.evaluator = opened.evaluator;
        this.feeder = new Feeder(task, training, plan, options.batch(), loader);
    }

    /** A step to keep, and who takes it. */
    private record Kept(long step, Consumer<Capsule> taker) {
    }

    /** What has to be closed again if opening the rest fails. */
    private record Opened(State state, Plan plan, Evaluator evaluator) {
        static Opened of(Task task, ModelGraph training, Device device, TrainOptions options) {
            State state = State.create(device);
            try {
                Plan plan = Compiler.compile(training.graph(), device, state, options.compile());
                try {
                    for (ParameterSpec parameter : training.parameters()) {
                        state.write(parameter.path(), parameter.initial(options.seed()));
                    }
                    return new Opened(state, plan, new Evaluator(task, options.batch(), device, state));
                } catch (RuntimeException e) {
                    plan.close();
                    throw e;
                }
            } catch (RuntimeException e) {
                state.close();
                throw e;
            }
        }
    }

    /** Tells a listener everything from now on. */
    public void listen(TrainingListener listener) {
        listeners.add(listener);
    }

    /**
     * Has a step kept with everything that it depends on, so that it can be run again anywhere; training goes on as if it had not.
     *
     * @param number which step since the beginning of training, from 1
     * @param taker  gets it when the step is done
     * @throws QuernException if training will not come by that step
     */
    public void keepStep(long number, Consumer<Capsule> taker) {
        if (number <= step || number > horizon.steps()) {
            throw new QuernException("step " + number + " cannot be kept: training goes from step " + (step + 1) + " to "
                    + horizon.steps());
        }
        kept = Optional.of(new Kept(number, taker));
    }

    /** The training step's plan, to explain or profile. */
    public Plan plan() {
        return plan;
    }

    /** Fills a batch into the plan's inputs, as a step does; both count from 0. */
    public void feed(long epoch, int number) {
        feeder.fill(epoch, number);
    }

    /** Parameters and optimizer state. */
    public State state() {
        return state;
    }

    /** Steps done since the beginning of training, those before a checkpoint included. */
    public long stepsDone() {
        return step;
    }

    /** How many numbers are trained. */
    public long parameterCount() {
        return parameters.stream().filter(ParameterSpec::trained).mapToLong(parameter -> parameter.shape().elements()).sum();
    }

    /** Asks training to end after the current step, with a checkpoint if one is wanted. For any thread. */
    public void stop() {
        stopping = true;
    }

    /**
     * Goes on from a checkpoint of this model, optimizer, seed and data, as if training had never stopped. Nothing is
     * changed if anything is wrong with it.
     *
     * @throws QuernException if the checkpoint is damaged or does not fit
     */
    public void resume(Path path) {
        Checkpoint checkpoint = Checkpoint.read(path);
        checkpoint.requireModel(task.name());
        long seed = checkpoint.number("seed");
        if (seed != options.seed()) {
            throw new QuernException(path + ": was trained with seed " + seed + ", not " + options.seed()
                    + "; resume with the same seed");
        }
        long stepsPerEpoch = checkpoint.number("steps_per_epoch");
        if (checkpoint.number("batch") != options.batch() || stepsPerEpoch != loader.trainingBatches()) {
            throw new QuernException(path + ": was trained with batch " + checkpoint.number("batch") + " and "
                    + stepsPerEpoch + " steps an epoch, not " + options.batch() + " and " + loader.trainingBatches()
                    + "; resume with the same batch, data and limit");
        }
        long done = checkpoint.number("step");
        if (done < 0 || done > horizon.steps()) {
            throw new QuernException(path + ": stands at step " + done + ", but " + options.epochs() + " epochs end at "
                    + horizon.steps() + "; ask for more epochs");
        }
        double[] sums = losses.stream().mapToLong(loss -> checkpoint.number(epochLossKey(loss))).mapToDouble(Double::longBitsToDouble)
                .toArray();
        TreeMap<String, TensorType> expected = new TreeMap<>();
        state.paths().forEach(name -> expected.put(name, state.type(name)));
        checkpoint.restore(state, expected, "");
        step = done;
        System.arraycopy(sums, 0, epochLosses, 0, sums.length);
    }

    /** Evaluates the test data with the parameters as they are. */
    public Evaluation evaluate() {
        return evaluator.evaluate(data.test());
    }

    /**
     * Trains from where it stands to the last epoch, evaluating after each, or until it is stopped.
     *
     * @throws QuernException if the loss becomes infinite or not a number; checkpoints are left as they are
     */
    public TrainingResult train() {
        int perEpoch = loader.trainingBatches();
        StepTimes times = new StepTimes((int) (horizon.steps() - step));
        List<TrainingEvent.Epoch> epochs = new ArrayList<>();
        Optional<Evaluation> last = Optional.empty();
        emit(new TrainingEvent.Started(parameterCount(), (int) (step / perEpoch) + 1, options.epochs(), perEpoch,
                options.batch()));
        while (step < horizon.steps() && !stopping) {
            int epoch = (int) (step / perEpoch);
            int first = times.count();
            while (step < (epoch + 1L) * perEpoch && !stopping) {
                step(epoch, (int) (step % perEpoch), times);
            }
            if (step == (epoch + 1L) * perEpoch) {
                epochs.add(endEpoch(epoch, times, first));
                Evaluation evaluation = evaluate();
                emit(new TrainingEvent.Evaluated(epoch + 1, evaluation));
                last = Optional.of(evaluation);
            } else {
                save();
                last = Optional.empty();
            }
        }
        return new TrainingResult(parameterCount(), epochs, times.losses(), last.orElseGet(this::evaluate),
                times.medianMilliseconds(), step < horizon.steps());
    }

    /** Gives the plan everything that the next step reads, as {@link #train} would, and leaves it to the caller to run. */
    public void feed() {
        feed(rate(), (int) (step / loader.trainingBatches()), (int) (step % loader.trainingBatches()));
    }

    private double rate() {
        return options.learningRate() * options.schedule().factor(step, horizon);
    }

    private void feed(double rate, int epoch, int number) {
        for (int i = 0; i < rules.size(); i++) {
            plan.setScalar(rules.get(i).name(), (float) rules.get(i).value().at(step + 1, rate));
        }
        if (plan.isRandom()) {
            plan.setRandom(options.seed(), step);
        }
        feeder.fill(epoch, number);
    }

    private void step(int epoch, int number, StepTimes times) {
        long begin = System.nanoTime();
        double rate = rate();
        feed(rate, epoch, number);
        if (kept.isPresent() && kept.get().step == step + 1) {
            kept.get().taker.accept(Capsule.ofNextStep(task.name() + ", batch " + options.batch() + ", seed " + options.seed()
                    + ": training step " + (step + 1), graph, options.compile(), plan, state));
        } else {
            plan.run();
        }
        for (int i = 0; i < stepLosses.length; i++) {
            stepLosses[i] = plan.scalar(losses.get(i));
        }
        long nanoseconds = System.nanoTime() - begin;
        for (int i = 0; i < stepLosses.length; i++) {
            if (!Float.isFinite(stepLosses[i])) {
                throw new QuernException("training diverged: the " + named(losses.get(i)) + " is " + stepLosses[i] + " at epoch "
                        + (epoch + 1) + ", step " + (number + 1) + " (learning rate " + (float) rate
                        + "); take a smaller learning rate or a longer warm-up");
            }
        }
        step++;
        for (int i = 0; i < stepLosses.length; i++) {
            epochLosses[i] += stepLosses[i];
        }
        times.add(nanoseconds, stepLosses[0]);
        emit(new TrainingEvent.Step(epoch + 1, number + 1, step, stepLosses[0], rate, nanoseconds));
    }

    /** {@code loss}, or {@code discriminator's loss} where there are several. */
    private static String named(String loss) {
        return loss.equals(ModelGraph.LOSS) ? loss : loss + "'s loss";
    }

    private TrainingEvent.Epoch endEpoch(int epoch, StepTimes times, int first) {
        double seconds = times.nanosecondsSince(first) * 1e-9;
        double samples = (double) (times.count() - first) * options.batch();
        LinkedHashMap<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < epochLosses.length; i++) {
            means.put(losses.get(i), epochLosses[i] / loader.trainingBatches());
        }
        TrainingEvent.Epoch event = new TrainingEvent.Epoch(epoch + 1, means, seconds, samples / seconds);
        Arrays.fill(epochLosses, 0);
        emit(event);
        save();
        return event;
    }

    private void save() {
        options.checkpoint().ifPresent(path -> {
            save(path);
            emit(new TrainingEvent.Saved(path, (int) (step / loader.trainingBatches()), step));
        });
    }

    /**
     * Writes a checkpoint of the state as it is, in one atomic step.
     *
     * @throws QuernException if the folder or the disk refuses
     */
    public void save(Path path) {
        TreeMap<String, String> metadata = new TreeMap<>(task.metadata());
        metadata.put("format", "quern-checkpoint-1");
        metadata.put(Checkpoint.MODEL, task.name());
        metadata.put("plan_hash", plan.hash());
        metadata.put("seed", Long.toString(options.seed()));
        metadata.put("epoch", Long.toString(step / loader.trainingBatches()));
        metadata.put("step", Long.toString(step));
        metadata.put("steps_per_epoch", Integer.toString(loader.trainingBatches()));
        metadata.put("batch", Integer.toString(options.batch()));
        metadata.put("learning_rate", Double.toString(options.learningRate()));
        metadata.put("schedule", options.schedule().description());
        metadata.put("optimizer", options.optimizer().description());
        for (int i = 0; i < epochLosses.length; i++) {
            metadata.put(epochLossKey(losses.get(i)), Long.toString(Double.doubleToLongBits(epochLosses[i])));
        }
        Checkpoint.write(path, state, metadata);
    }

    private static String epochLossKey(String loss) {
        return "epoch_" + loss + "_bits";
    }

    private void emit(TrainingEvent event) {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).on(event);
        }
    }

    /** Releases the plans and the state; twice is once. */
    @Override
    public void close() {
        try (State _ = state; Plan _ = plan; Evaluator _ = evaluator) {
            // Closed in reverse order, each even if another fails.
        }
    }
}
