package dev.quern.layers.train;

import dev.quern.graph.compile.Compiler;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Horizon;
import dev.quern.layers.optim.StepRule;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains a model on a device: compiles the training step and the evaluation once, then replays them. It owns the state
 * and the plans, and borrows the device.
 *
 * <p>With the same model, data, options and device every run gives the same losses and the same checkpoint bytes, also
 * when it was stopped and resumed: initial values, order and augmentation are functions of the seed and the step alone.
 *
 * <pre>{@code
 * try (Device device = Devices.open("auto");
 *         Trainer trainer = new Trainer(model, Mnist.read(folder), device, TrainOptions.defaults())) {
 *     trainer.listen(event -> System.out.println(event));
 *     System.out.println(trainer.train().test().accuracy());
 * }
 * }</pre>
 */
public final class Trainer implements AutoCloseable {
    private final Model model;
    private final Split data;
    private final TrainOptions options;
    private final List<ParameterSpec> parameters;
    private final State state;
    private final Plan plan;
    private final Evaluator evaluator;
    private final BatchLoader loader;
    private final List<StepRule> rules;
    private final Horizon horizon;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private volatile boolean stopping;
    private long step;
    private double epochLoss;

    /**
     * Compiles everything and sets the parameters to their initial values.
     *
     * @throws QuernException if the data do not fit the model, are fewer than a batch, or the checkpoint's folder cannot
     *                        be written
     */
    public Trainer(Model model, Split data, Device device, TrainOptions options) {
        Evaluator.requireFit(model, data.train());
        Evaluator.requireFit(model, data.test());
        if (data.train().size() < options.batch()) {
            throw new QuernException("batch is " + options.batch() + ", but " + data.train().name() + " has only "
                    + data.train().size() + " samples; take a smaller batch or more data");
        }
        options.checkpoint().ifPresent(Safetensors::requireWritable);
        this.model = model;
        this.data = data;
        this.options = options;
        this.loader = new BatchLoader(data.train().withRandomShift(options.randomShift()), options.batch(), options.seed());
        this.rules = options.optimizer().scalars();
        this.horizon = new Horizon((long) options.epochs() * loader.trainingBatches(), loader.trainingBatches());
        if (horizon.steps() > Integer.MAX_VALUE - 64) {
            throw new QuernException(options.epochs() + " epochs of " + loader.trainingBatches() + " steps are more than "
                    + "2^31 steps; train in several runs");
        }
        ModelGraph training = ModelGraph.training(model, options.batch(), Loss.crossEntropy(options.labelSmoothing()),
                options.optimizer());
        this.parameters = training.parameters();
        Opened opened = Opened.of(model, training, device, options);
        this.state = opened.state;
        this.plan = opened.plan;
        this.evaluator = opened.evaluator;
    }

    /** What has to be closed again if opening the rest fails. */
    private record Opened(State state, Plan plan, Evaluator evaluator) {
        static Opened of(Model model, ModelGraph training, Device device, TrainOptions options) {
            State state = State.create(device);
            try {
                Plan plan = Compiler.compile(training.graph(), device, state, options.compile());
                try {
                    for (ParameterSpec parameter : training.parameters()) {
                        state.write(parameter.path(), parameter.initial(options.seed()));
                    }
                    return new Opened(state, plan, new Evaluator(model, options.batch(), device, state));
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

    /** The training step's plan, to explain or profile. */
    public Plan plan() {
        return plan;
    }

    /** Parameters and optimizer state. */
    public State state() {
        return state;
    }

    /** How many numbers are trained. */
    public long parameterCount() {
        return parameters.stream().mapToLong(parameter -> parameter.shape().elements()).sum();
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
        checkpoint.requireModel(model.name());
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
        double loss = Double.longBitsToDouble(checkpoint.number("epoch_loss_bits"));
        TreeMap<String, TensorType> expected = new TreeMap<>();
        state.paths().forEach(name -> expected.put(name, state.type(name)));
        checkpoint.restore(state, expected, "");
        step = done;
        epochLoss = loss;
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

    private void step(int epoch, int number, StepTimes times) {
        long begin = System.nanoTime();
        double rate = options.learningRate() * options.schedule().factor(step, horizon);
        for (int i = 0; i < rules.size(); i++) {
            plan.setScalar(rules.get(i).name(), (float) rules.get(i).value().at(step + 1, rate));
        }
        if (plan.isRandom()) {
            plan.setRandom(options.seed(), step);
        }
        loader.fillTraining(epoch, number, plan.input(ModelGraph.INPUT), plan.input(ModelGraph.LABELS));
        plan.run();
        float loss = plan.scalar(ModelGraph.LOSS);
        long nanoseconds = System.nanoTime() - begin;
        if (!Float.isFinite(loss)) {
            throw new QuernException("training diverged: the loss is " + loss + " at epoch " + (epoch + 1) + ", step "
                    + (number + 1) + " (learning rate " + (float) rate
                    + "); take a smaller learning rate or a longer warm-up");
        }
        step++;
        epochLoss += loss;
        times.add(nanoseconds, loss);
        emit(new TrainingEvent.Step(epoch + 1, number + 1, step, loss, rate, nanoseconds));
    }

    private TrainingEvent.Epoch endEpoch(int epoch, StepTimes times, int first) {
        double seconds = times.nanosecondsSince(first) * 1e-9;
        double samples = (double) (times.count() - first) * options.batch();
        TrainingEvent.Epoch event = new TrainingEvent.Epoch(epoch + 1, epochLoss / loader.trainingBatches(), seconds,
                samples / seconds);
        epochLoss = 0;
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
        TreeMap<String, String> metadata = new TreeMap<>();
        metadata.put("format", "quern-checkpoint-1");
        metadata.put(Checkpoint.MODEL, model.name());
        metadata.put("plan_hash", plan.hash());
        metadata.put("seed", Long.toString(options.seed()));
        metadata.put("epoch", Long.toString(step / loader.trainingBatches()));
        metadata.put("step", Long.toString(step));
        metadata.put("steps_per_epoch", Integer.toString(loader.trainingBatches()));
        metadata.put("batch", Integer.toString(options.batch()));
        metadata.put("learning_rate", Double.toString(options.learningRate()));
        metadata.put("schedule", options.schedule().description());
        metadata.put("optimizer", options.optimizer().description());
        metadata.put("label_smoothing", Double.toString(options.labelSmoothing()));
        metadata.put("random_shift", Integer.toString(options.randomShift()));
        metadata.put("epoch_loss_bits", Long.toString(Double.doubleToLongBits(epochLoss)));
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
        try (State _ = state; Plan _ = plan; Evaluator _ = evaluator) {
            // Closed in reverse order, each even if another fails.
        }
    }
}
