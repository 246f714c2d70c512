package dev.quern.layers.train;

import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.compile.Compiler;
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
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    /** States up to this size are copied at the start of each epoch, so that the cause of a divergence can be found. */
    private static final long SNAPSHOT_BYTES = 512L << 20;

    private static final String OPTIMIZER = "optimizer";

    private final Task task;
    private final Split<? extends Samples> data;
    private final TrainOptions options;
    private final ModelGraph training;
    private final State state;
    private final Plan plan;
    private final Evaluator evaluator;
    private final BatchLoader loader;
    private final Horizon horizon;
    private final StepRunner runner;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private Optional<Kept> kept = Optional.empty();
    private volatile boolean stopping;
    private Progress progress;

    /**
     * Compiles everything and sets the parameters to their initial values.
     *
     * @throws QuernException if the data do not fit the model, are fewer than a batch, or a checkpoint's folder cannot
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
        options.best().ifPresent(Safetensors::requireWritable);
        this.task = task;
        this.data = data;
        this.options = options;
        this.loader = new BatchLoader(data.train(), options.batch(), options.seed());
        this.horizon = new Horizon((long) options.epochs() * loader.trainingBatches(), loader.trainingBatches());
        if (horizon.steps() > Integer.MAX_VALUE - 64) {
            throw new QuernException(options.epochs() + " epochs of " + loader.trainingBatches() + " steps are more than "
                    + "2^31 steps; train in several runs");
        }
        this.training = ModelGraph.training(task, options.batch(), options.optimizer());
        this.progress = new Progress(training.losses());
        Opened opened = Opened.of(task, training, device, options);
        this.state = opened.state;
        this.plan = opened.plan;
        this.evaluator = opened.evaluator;
        this.runner = new StepRunner(task, training, plan, options, loader, horizon);
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
        if (number <= progress.step() || number > horizon.steps()) {
            throw new QuernException("step " + number + " cannot be kept: training goes from step " + (progress.step() + 1) + " to "
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
        runner.fill(epoch, number);
    }

    /** Parameters and optimizer state. */
    public State state() {
        return state;
    }

    /** Steps done since the beginning of training, those before a checkpoint included. */
    public long stepsDone() {
        return progress.step();
    }

    /** How many numbers are trained. */
    public long parameterCount() {
        return training.parameters().stream().filter(ParameterSpec::trained).mapToLong(parameter -> parameter.shape().elements()).sum();
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
        checkpoint.requireMetadata(task.metadata());
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
        String optimizer = checkpoint.content().metadata().getOrDefault(OPTIMIZER, options.optimizer().description());
        if (!optimizer.equals(options.optimizer().description())) {
            throw new QuernException(path + ": was trained with " + optimizer + ", not " + options.optimizer().description()
                    + "; resume with the same optimizer, clipping and penalties");
        }
        Progress found = Progress.of(checkpoint, training.losses());
        if (found.step() < 0 || found.step() > horizon.steps()) {
            throw new QuernException(path + ": stands at step " + found.step() + ", but " + options.epochs() + " epochs end at "
                    + horizon.steps() + "; ask for more epochs");
        }
        TreeMap<String, TensorType> expected = new TreeMap<>();
        state.paths().forEach(name -> expected.put(name, state.type(name)));
        checkpoint.restore(state, expected, List.of());
        progress = found;
    }

    /** Evaluates the test data with the parameters as they are. */
    public Evaluation evaluate() {
        return evaluator.evaluate(data.test());
    }

    /** Runs the model as it is over the test data and shows another meter what it gives: for pictures, for a confusion matrix. */
    public Evaluation evaluate(Meter meter) {
        return evaluator.evaluate(data.test(), meter);
    }

    /**
     * Trains from where it stands to the last epoch, evaluating after each, until it is stopped or out of patience.
     *
     * @throws QuernException if a loss becomes infinite or not a number: the message names the first node with such an element and the
     *                        user's line. Checkpoints are left as they are
     */
    public TrainingResult train() {
        int perEpoch = loader.trainingBatches();
        runner.forget();
        StepTimes times = new StepTimes((int) (horizon.steps() - progress.step()));
        List<TrainingEvent.Epoch> epochs = new ArrayList<>();
        Optional<Evaluation> last = Optional.empty();
        emit(new TrainingEvent.Started(parameterCount(), (int) (progress.step() / perEpoch) + 1, options.epochs(), perEpoch,
                options.batch()));
        while (progress.step() < horizon.steps() && !stopping && !isOutOfPatience()) {
            int epoch = (int) (progress.step() / perEpoch);
            int first = times.count();
            Optional<Snapshot> begin = state.bytes() <= SNAPSHOT_BYTES ? Optional.of(Snapshot.of(state, progress.step()))
                    : Optional.empty();
            while (progress.step() < (epoch + 1L) * perEpoch && !stopping) {
                step(epoch, times, begin);
            }
            if (progress.step() == (epoch + 1L) * perEpoch) {
                epochs.add(endEpoch(epoch, times, first));
                last = Optional.of(judge(epoch));
            } else {
                save();
                last = Optional.empty();
            }
        }
        boolean ended = progress.step() == horizon.steps();
        return new TrainingResult(parameterCount(), epochs, times.losses(), last.orElseGet(this::evaluate),
                times.medianMilliseconds(), !ended && !isOutOfPatience(), progress.best(), !ended && isOutOfPatience());
    }

    /** Gives the plan everything that the next step reads, as {@link #train} would, and leaves it to the caller to run. */
    public void feed() {
        runner.forget();
        runner.feed(progress.step());
    }

    /** Whether, at the end of an epoch, too many have gone by since the best one. */
    private boolean isOutOfPatience() {
        if (options.patience().isEmpty() || progress.best().isEmpty() || progress.step() % loader.trainingBatches() != 0) {
            return false;
        }
        long epochs = progress.step() / loader.trainingBatches();
        return epochs - progress.best().get().epoch() >= options.patience().getAsInt();
    }

    private void step(int epoch, StepTimes times, Optional<Snapshot> epochBegin) {
        long begin = System.nanoTime();
        long step = progress.step();
        // Done already, if the step before was this one's predecessor.
        runner.feed(step);
        long fed = System.nanoTime();
        if (kept.isPresent() && kept.get().step == step + 1) {
            kept.get().taker.accept(Capsule.ofNextStep(task.name() + ", batch " + options.batch() + ", seed " + options.seed()
                    + ": training step " + (step + 1), training.graph(), options.compile(), plan, state));
        } else {
            plan.run();
        }
        long launched = System.nanoTime();
        if (step + 1 < horizon.steps()) {
            runner.feedAhead(step + 1);
        }
        long ahead = System.nanoTime() - launched;
        float[] stepLosses = runner.losses();
        long nanoseconds = System.nanoTime() - begin;
        int sick = runner.firstNotFinite();
        if (sick >= 0) {
            throw diverged(step, training.losses().get(sick), stepLosses[sick], epochBegin);
        }
        progress.stepDone(stepLosses);
        times.add(nanoseconds, stepLosses[0]);
        emit(new TrainingEvent.Step(epoch + 1, (int) (step % loader.trainingBatches()) + 1, step + 1, stepLosses[0], runner.rate(step),
                nanoseconds, fed - begin + ahead, launched - fed));
    }

    private QuernException diverged(long step, String loss, float value, Optional<Snapshot> epochBegin) {
        String cause = epochBegin.flatMap(begin -> new DivergenceSearch(task, training, plan, state, options, loader, horizon)
                .from(begin, step)).map(found -> "; first, " + found).orElse("");
        return new QuernException("training diverged: the " + named(loss) + " is " + value + " at epoch "
                + (step / loader.trainingBatches() + 1) + ", step " + (step % loader.trainingBatches() + 1) + " (learning rate "
                + (float) runner.rate(step) + "); take a smaller learning rate, a longer warm-up or clip gradients" + cause);
    }

    /** {@code loss}, or {@code discriminator's loss} where there are several. */
    private static String named(String loss) {
        return loss.equals(ModelGraph.LOSS) ? loss : loss + "'s loss";
    }

    private TrainingEvent.Epoch endEpoch(int epoch, StepTimes times, int first) {
        double seconds = times.nanosecondsSince(first) * 1e-9;
        double samples = (double) (times.count() - first) * options.batch();
        TrainingEvent.Epoch event = new TrainingEvent.Epoch(epoch + 1, progress.epochDone(loader.trainingBatches()), seconds,
                samples / seconds);
        emit(event);
        return event;
    }

    /** Evaluates an epoch, then saves: a checkpoint knows how good its epoch was, so that patience goes on exactly. */
    private Evaluation judge(int epoch) {
        Evaluation evaluation = evaluate();
        boolean best = progress.evaluated(epoch + 1, evaluation.headline());
        emit(new TrainingEvent.Evaluated(epoch + 1, evaluation));
        if (best) {
            options.best().ifPresent(this::saveTo);
        }
        save();
        return evaluation;
    }

    private void save() {
        options.checkpoint().ifPresent(this::saveTo);
    }

    private void saveTo(Path path) {
        save(path);
        emit(new TrainingEvent.Saved(path, (int) (progress.step() / loader.trainingBatches()), progress.step()));
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
        metadata.put("epoch", Long.toString(progress.step() / loader.trainingBatches()));
        metadata.put("steps_per_epoch", Integer.toString(loader.trainingBatches()));
        metadata.put("batch", Integer.toString(options.batch()));
        metadata.put("learning_rate", Double.toString(options.learningRate()));
        metadata.put("schedule", options.schedule().description());
        metadata.put(OPTIMIZER, options.optimizer().description());
        progress.write(metadata);
        Checkpoint.write(path, state, metadata);
    }

    private void emit(TrainingEvent event) {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).on(event);
        }
    }

    /** Releases the plans and the state; twice is once. */
    @Override
    public void close() {
        try (State _ = state; Plan _ = plan; Evaluator _ = evaluator; StepRunner _ = runner) {
            // Closed in reverse order, each even if another fails.
        }
    }
}
