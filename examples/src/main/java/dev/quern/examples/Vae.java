package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

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
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
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
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A convolutional variational auto-encoder of digits: it learns to describe an image by sixteen numbers and to draw it again. Kingma and
 * Welling, "Auto-encoding variational Bayes", 2014: what is made small is the negative evidence lower bound in nats an image, the
 * cross-entropy of the pixels plus the divergence of {@code N(mu, exp(logvar))} from {@code N(0, 1)}.
 */
public final class Vae implements ExampleModel, Task {
    private static final double MEAN = Normalisation.DIGITS.mean().getFirst();
    private static final double DEVIATION = Normalisation.DIGITS.deviation().getFirst();
    private static final int LATENT = 16;
    private static final int WALK = 10;
    private static final String NEGATIVE_ELBO = "negative_elbo";
    private static final String PIXELS = "pixels";
    private static final String DIVERGENCE = "divergence";
    private static final String ENCODER = "encoder";
    private static final String DECODER = "decoder";

    private static Layer encoder() {
        return Sequential.of(
                Conv2d.of(1, 16, 4).stride(2).padding(1), relu(),
                Conv2d.of(16, 32, 4).stride(2).padding(1), relu(),
                Flatten.of(),
                Dense.of(32 * 7 * 7, 2 * LATENT));
    }

    private static Layer decoder() {
        return Sequential.of(
                Dense.of(LATENT, 32 * 7 * 7), relu(),
                Reshape.of(32, 7, 7),
                ConvTranspose2d.of(32, 16, 4).stride(2).padding(1), relu(),
                ConvTranspose2d.of(16, 1, 4).stride(2).padding(1));
    }

    /** The parts of the bound, one number an image. */
    private record Bound(Value pixels, Value divergence) {
    }

    private static Bound bound(LayerContext context, Batch batch) {
        GraphBuilder graph = context.graph();
        Value x = batch.value(Dataset.INPUT);
        Value code = context.build(ENCODER, encoder(), x);
        Value mu = graph.slice(code, 1, 0, LATENT);
        Value logvar = graph.slice(code, 1, LATENT, 2 * LATENT);
        Value spread = graph.exp(graph.mul(graph.constant(0.5), logvar));
        Value z = graph.add(mu, graph.mul(spread, graph.randomNormal(mu.shape())));
        Value logits = context.build(DECODER, decoder(), z);
        // The normalised pixel back in [0, 1], then the cross-entropy of softplus form that is safe for any logit.
        Expr level = Expressions.add(Expressions.mul(Expressions.input(1), Expressions.constant(DEVIATION)),
                Expressions.constant(MEAN));
        Expr entropy = Expressions.sub(Expressions.call(ElementwiseFunction.SOFTPLUS, Expressions.input(0)),
                Expressions.mul(Expressions.input(0), level));
        Value pixels = graph.reduceSum(graph.flatten(graph.apply("cross_entropy", entropy, logits, x), 1), false, 1);
        Expr squares = Expressions.sub(Expressions.add(Expressions.square(Expressions.input(0)), Expressions.exp(Expressions.input(1))),
                Expressions.add(Expressions.constant(1), Expressions.input(1)));
        Value divergence = graph.reduceSum(graph.apply("divergence", Expressions.mul(Expressions.constant(0.5), squares), mu, logvar), false, 1);
        return new Bound(pixels, divergence);
    }

    @Override
    public String name() {
        return "vae";
    }

    @Override
    public String description() {
        return "a convolutional variational auto-encoder of digits (Kingma, Welling, 2014)";
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
        Bound bound = bound(context, batch);
        return List.of(Objective.of(context.graph().reduceMean(context.graph().add(bound.pixels, bound.divergence), false)));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        Bound bound = bound(context, batch);
        TreeMap<String, Value> outputs = new TreeMap<>();
        outputs.put(PIXELS, bound.pixels);
        outputs.put(DIVERGENCE, bound.divergence);
        outputs.put(NEGATIVE_ELBO, context.graph().add(bound.pixels, bound.divergence));
        return outputs;
    }

    @Override
    public Meter meter() {
        return MeanMeter.lower(NEGATIVE_ELBO, PIXELS, DIVERGENCE);
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(64).learningRate(0.002).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Adam.standard());
    }

    @Override
    public Split<ImageDataset> builtInData() {
        return SyntheticDigits.standard();
    }

    @Override
    public Split<ImageDataset> data(Path folder) {
        return Mnist.read(folder);
    }

    @Override
    public Optional<Gallery> gallery() {
        return Optional.of((state, test) -> List.of(reconstructions(state, test), walk(state, test)));
    }

    /** The first test images in odd rows, what becomes of each below it. */
    private static Picture reconstructions(State state, Samples test) {
        HostTensor images = firstImages(test, 2 * WALK);
        HostTensor drawn = decoded(state, means(state, images));
        HostTensor all = HostTensor.zeros(DType.F32, Shape.of(4 * WALK, 1, SyntheticDigits.SIZE, SyntheticDigits.SIZE));
        int pixels = SyntheticDigits.SIZE * SyntheticDigits.SIZE;
        for (int i = 0; i < 2 * WALK; i++) {
            int row = i / WALK * 2 * WALK + i % WALK;
            for (int pixel = 0; pixel < pixels; pixel++) {
                all.set((long) row * pixels + pixel, images.get((long) i * pixels + pixel) * DEVIATION
                        + MEAN);
                all.set((long) (row + WALK) * pixels + pixel, drawn.get((long) i * pixels + pixel));
            }
        }
        return Picture.grid("reconstructions", "Test images, and below each what the model draws from its sixteen numbers", all, WALK, 0, 1, 2);
    }

    /** In each row one test image turns into another along the straight line between their means. */
    private static Picture walk(State state, Samples test) {
        HostTensor ends = means(state, firstImages(test, WALK));
        HostTensor codes = HostTensor.zeros(DType.F32, Shape.of(WALK / 2 * WALK, LATENT));
        for (int row = 0; row < WALK / 2; row++) {
            for (int column = 0; column < WALK; column++) {
                double share = column / (WALK - 1.0);
                for (int i = 0; i < LATENT; i++) {
                    codes.set((row * WALK + column) * LATENT + i, (1 - share) * ends.get(2L * row * LATENT + i)
                            + share * ends.get((2L * row + 1) * LATENT + i));
                }
            }
        }
        return Picture.grid("latent-walk", "From one test image to another along a line between their numbers", decoded(state, codes), WALK,
                0, 1, 2);
    }

    private static HostTensor firstImages(Samples test, int count) {
        HostTensor images = HostTensor.zeros(DType.F32, Shape.of(count, 1, SyntheticDigits.SIZE, SyntheticDigits.SIZE));
        MemorySegment labels = HostTensor.zeros(DType.I32, Shape.of(count)).memory();
        for (int i = 0; i < count; i++) {
            test.copy(Math.min(i, test.size() - 1), i, List.of(images.memory(), labels));
        }
        return images;
    }

    private static HostTensor means(State state, HostTensor images) {
        HostTensor code = Drawing.run(ENCODER, encoder(), state, images);
        HostTensor means = HostTensor.zeros(DType.F32, Shape.of(images.shape().extent(0), LATENT));
        for (int i = 0; i < means.shape().elements(); i++) {
            means.set(i, code.get((long) i / LATENT * 2 * LATENT + i % LATENT));
        }
        return means;
    }

    private static HostTensor decoded(State state, HostTensor codes) {
        HostTensor logits = Drawing.run(DECODER, decoder(), state, codes);
        for (long i = 0; i < logits.shape().elements(); i++) {
            logits.set(i, 1 / (1 + Math.exp(-logits.get(i))));
        }
        return logits;
    }
}
