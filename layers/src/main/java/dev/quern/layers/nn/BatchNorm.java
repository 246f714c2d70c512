package dev.quern.layers.nn;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.BatchNormalised;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Each channel of x [N, numFeatures, ...] normalised; PyTorch's {@code BatchNorm1d} and {@code BatchNorm2d}. In training with the mean and
 * the biased variance of the batch, while running statistics move towards them by the momentum, the variance's unbiased; in evaluation with
 * the running statistics. Parameters {@code weight} and {@code bias} [numFeatures], buffers {@code running_mean} and {@code running_var}
 * [numFeatures]. PyTorch's third buffer, {@code num_batches_tracked}, matters only without a momentum: it is not kept, and passed over
 * where a file has it. Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
 * shift", 2015.
 *
 * @param images      whether x is [N, C, H, W]; else [N, C] or [N, C, L]
 * @param numFeatures channels of x
 * @param eps         what is added to variances
 * @param momentum    the share of a batch's statistics in the new running ones, from 0 to 1
 * @param affine      whether there are weight and bias
 * @param weightInit  initial weights
 * @param madeAt      the user's line
 */
public record BatchNorm(boolean images, int numFeatures, double eps, double momentum, boolean affine, Initializer weightInit,
        SourceLine madeAt) implements Layer {
    public BatchNorm {
        if (numFeatures < 1 || !(eps >= 0 && eps < Double.POSITIVE_INFINITY) || !(momentum >= 0 && momentum <= 1)) {
            throw new QuernException((images ? "BatchNorm2d(" : "BatchNorm1d(") + numFeatures + ", eps=" + eps + ", momentum=" + momentum
                    + "): needs at least one feature, a finite eps of at least 0 and a momentum from 0 to 1");
        }
    }

    /** Of x [N, C] or [N, C, L], with PyTorch's defaults: eps 1e-5, momentum 0.1, weight 1 and bias 0. */
    public static BatchNorm batchNorm1d(int numFeatures) {
        return new BatchNorm(false, numFeatures, 1e-5, 0.1, true, Initializer.constant(1), SourceLine.ofCaller());
    }

    /** Of x [N, C, H, W], with the same defaults. */
    public static BatchNorm batchNorm2d(int numFeatures) {
        return new BatchNorm(true, numFeatures, 1e-5, 0.1, true, Initializer.constant(1), SourceLine.ofCaller());
    }

    /** This with another eps. */
    public BatchNorm eps(double value) {
        return new BatchNorm(images, numFeatures, value, momentum, affine, weightInit, madeAt);
    }

    /** This with another momentum. */
    public BatchNorm momentum(double value) {
        return new BatchNorm(images, numFeatures, eps, value, affine, weightInit, madeAt);
    }

    /** This without weight and bias. */
    public BatchNorm withoutAffine() {
        return new BatchNorm(images, numFeatures, eps, momentum, false, weightInit, madeAt);
    }

    /** This with other initial weights. */
    public BatchNorm init(Initializer weight) {
        return new BatchNorm(images, numFeatures, eps, momentum, affine, weight, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        boolean fits = images ? shape.rank() == 4 : shape.rank() == 2 || shape.rank() == 3;
        if (!fits || shape.extent(1) != numFeatures) {
            throw context.complaint(this, "input " + shape + ", expected "
                    + (images ? "[N, " + numFeatures + ", H, W]" : "[N, " + numFeatures + "] or [N, " + numFeatures + ", L]"));
        }
        if (context.training() && shape.elements() == numFeatures) {
            throw context.complaint(this, "input " + shape + " has one value a channel, of which there is no variance; take a larger batch");
        }
        GraphBuilder graph = context.graph();
        Shape perChannel = Shape.of(numFeatures);
        Fans fans = new Fans(numFeatures, numFeatures);
        Value weight = affine ? context.parameter("weight", perChannel, fans, weightInit) : input;
        Value bias = affine ? context.parameter("bias", perChannel, fans, Initializer.zeros()) : input;
        Value mean = context.buffer("running_mean", perChannel, 0);
        Value variance = context.buffer("running_var", perChannel, 1);
        if (!context.training()) {
            return affine ? graph.batchNormInference(input, weight, bias, mean, variance, eps)
                    : graph.batchNormInference(input, mean, variance, eps);
        }
        BatchNormalised normalised = affine ? graph.batchNorm(input, weight, bias, mean, variance, momentum, eps)
                : graph.batchNorm(input, mean, variance, momentum, eps);
        graph.assign(mean, normalised.runningMean());
        graph.assign(variance, normalised.runningVar());
        return normalised.y();
    }

    @Override
    public String toString() {
        return (images ? "BatchNorm2d(" : "BatchNorm1d(") + numFeatures + (eps == 1e-5 ? "" : ", eps=" + eps)
                + (momentum == 0.1 ? "" : ", momentum=" + momentum) + (affine ? ")" : ", no affine)");
    }
}
