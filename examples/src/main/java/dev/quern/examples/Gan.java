package dev.quern.examples;

import static dev.quern.layers.nn.Activation.leakyRelu;
import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.Activation.tanh;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.State;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.data.Feed;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.BatchNorm;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.ConvTranspose2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Reshape;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.train.Batch;
import dev.quern.layers.train.MeanMeter;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Objective;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Two networks against each other: one draws digits from noise, the other tells them from real ones. Goodfellow et al., "Generative
 * adversarial nets", 2014, in the convolutional form of Radford, Metz, Chintala, "Unsupervised representation learning with deep
 * convolutional generative adversarial networks", 2016. Both learn in one step, each from its own objective.
 */
public final class Gan implements ExampleModel, Task {
    private static final double MEAN = Normalisation.DIGITS.mean().getFirst();
    private static final double DEVIATION = Normalisation.DIGITS.deviation().getFirst();
    private static final int NOISE = 64;
    private static final int SHOWN = 100;
    private static final String GENERATOR = "generator";
    private static final String DISCRIMINATOR = "discriminator";
    private static final String FOOLED = "fooled";
    private static final String RECOGNISED = "recognised";

    private static Initializer small() {
        return Initializer.normal(0.02);
    }

    private static Layer generator() {
        return Sequential.of(
                Dense.of(NOISE, 64 * 7 * 7).withoutBias().init(small(), Initializer.zeros()),
                Reshape.of(64, 7, 7), BatchNorm.batchNorm2d(64), relu(),
                ConvTranspose2d.of(64, 32, 4).stride(2).padding(1).withoutBias().init(small(), Initializer.zeros()),
                BatchNorm.batchNorm2d(32), relu(),
                ConvTranspose2d.of(32, 1, 4).stride(2).padding(1).init(small(), Initializer.zeros()), tanh());
    }

    /** Without batch norm: real and drawn images share its batch, and would give each other away. */
    private static Layer discriminator() {
        return Sequential.of(
                Conv2d.of(1, 32, 4).stride(2).padding(1).init(small(), Initializer.zeros()), leakyRelu(0.2),
                Conv2d.of(32, 64, 4).stride(2).padding(1).init(small(), Initializer.zeros()), leakyRelu(0.2),
                Flatten.of(),
                Dense.of(64 * 7 * 7, 1).init(small(), Initializer.zeros()));
    }

    /** How real the discriminator takes images to be, as logits [batch, 1]. */
    private record Verdict(Value real, Value drawn) {
    }

    private static Verdict verdict(LayerContext context, Batch batch) {
        GraphBuilder graph = context.graph();
        Value drawn = context.build(GENERATOR, generator(), graph.randomNormal(Shape.of(batch.size(), NOISE)));
        // From normalised pixels to -1 and 1, what tanh gives.
        Expr level = Expressions.add(Expressions.mul(Expressions.input(0), Expressions.constant(2 * DEVIATION)),
                Expressions.constant(2 * MEAN - 1));
        Value real = graph.apply("level", level, batch.value(Dataset.INPUT));
        Value logits = context.build(DISCRIMINATOR, discriminator(), graph.concat(0, real, drawn));
        return new Verdict(graph.slice(logits, 0, 0, batch.size()), graph.slice(logits, 0, batch.size(), 2 * batch.size()));
    }

    /** The mean of {@code -log sigmoid(logit)}, or of {@code -log sigmoid(-logit)}. */
    private static Value surprise(GraphBuilder graph, Value logits, boolean real) {
        Expr x = real ? Expressions.neg(Expressions.input(0)) : Expressions.input(0);
        return graph.reduceMean(graph.apply("surprise", Expressions.call(ElementwiseFunction.SOFTPLUS, x), logits), false);
    }

    @Override
    public String name() {
        return "gan";
    }

    @Override
    public String description() {
        return "a generator and a discriminator of digits (Radford et al., 2016)";
    }

    @Override
    public Task task() {
        return this;
    }

    @Override
    public List<Feed> feeds() {
        return Dataset.feeds(Shape.of(1, SyntheticDigits.SIZE, SyntheticDigits.SIZE), 10);
    }

    @Override
    public List<Objective> objectives(LayerContext context, Batch batch) {
        GraphBuilder graph = context.graph();
        Verdict verdict = verdict(context, batch);
        Value judging = graph.add(surprise(graph, verdict.real, true), surprise(graph, verdict.drawn, false));
        return List.of(new Objective(DISCRIMINATOR, judging, DISCRIMINATOR),
                new Objective(GENERATOR, surprise(graph, verdict.drawn, true), GENERATOR));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        GraphBuilder graph = context.graph();
        Verdict verdict = verdict(context, batch);
        Expr positive = Expressions.greater(Expressions.input(0), Expressions.constant(0));
        TreeMap<String, Value> outputs = new TreeMap<>();
        outputs.put(FOOLED, graph.flatten(graph.apply("positive", positive, verdict.drawn), 0));
        outputs.put(RECOGNISED, graph.flatten(graph.apply("positive", positive, verdict.real), 0));
        return outputs;
    }

    /** The shares of drawn images, and of real ones, that the discriminator takes for real. */
    @Override
    public Meter meter() {
        return MeanMeter.higher(FOOLED, RECOGNISED);
    }

    /** Adam with little memory, as the paper advises. */
    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(20).batch(64).learningRate(5e-4).schedule(Schedule.constant())
                .optimizer(new Adam(0.5, 0.999, 1e-8, 0, false));
    }

    @Override
    public Split<ImageDataset> builtInData() {
        return SyntheticDigits.standard();
    }

    @Override
    public Split<ImageDataset> data(Path folder) {
        return Mnist.read(folder);
    }

    /**
     * Draws images.
     *
     * @param state holds a trained generator
     * @param seed  decides the noise
     * @return F32 [count, 1, 28, 28], from -1 for paper to 1 for ink
     */
    public static HostTensor draw(State state, long seed, int count) {
        return Drawing.run(GENERATOR, generator(), state, Drawing.noise(seed, count, NOISE));
    }

    /** What a classifier of digits takes for a pixel that was drawn. */
    public static double normalised(double drawn) {
        return ((drawn + 1) / 2 - MEAN) / DEVIATION;
    }

    @Override
    public Optional<Gallery> gallery() {
        return Optional.of((state, _) -> List.of(Picture.grid("samples", "Digits that the generator draws, from the same noise each time",
                draw(state, 1, SHOWN), 10, -1, 1, 2)));
    }
}
