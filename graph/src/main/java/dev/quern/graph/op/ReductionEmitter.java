package dev.quern.graph.op;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What goes along axes: reductions, scans, softmax and normalisation. */
public interface ReductionEmitter extends MovementEmitter {
    /** The sum over axes; negative ones count from the end, none means all. */
    default Value reduceSum(Value x, boolean keepdims, int... axes) {
        return reduce(ReduceOp.SUM, x, keepdims, axes);
    }

    /** The mean over axes; negative ones count from the end, none means all. */
    default Value reduceMean(Value x, boolean keepdims, int... axes) {
        return reduce(ReduceOp.MEAN, x, keepdims, axes);
    }

    /** The maximum over axes; negative ones count from the end, none means all. */
    default Value reduceMax(Value x, boolean keepdims, int... axes) {
        return reduce(ReduceOp.MAX, x, keepdims, axes);
    }

    /**
     * The L1 norm (order 1: the sum of magnitudes) or the L2 norm (order 2: the root of the sum of squares) over axes; negative
     * ones count from the end, none means all.
     */
    default Value norm(Value x, int order, boolean keepdims, int... axes) {
        return reduce(checked("norm", () -> switch (order) {
            case 1 -> ReduceOp.NORM1;
            case 2 -> ReduceOp.NORM2;
            default -> throw new IllegalOperandException("order " + order + ": there are norms of order 1 and 2");
        }), x, keepdims, axes);
    }

    /** Where along an axis the largest element lies, I32: the first of equals; NaN counts as the largest. */
    default Value argmax(Value x, int axis, boolean keepdims) {
        return argReduce(true, x, axis, keepdims);
    }

    /** Where along an axis the smallest element lies, I32: the first of equals; NaN counts as the smallest. */
    default Value argmin(Value x, int axis, boolean keepdims) {
        return argReduce(false, x, axis, keepdims);
    }

    private Value argReduce(boolean largest, Value x, int axis, boolean keepdims) {
        int at = checked(largest ? "argmax" : "argmin", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        return emitOne(new ArgReduce(largest, at, keepdims), x);
    }

    /** A reduction over axes; negative ones count from the end, none means all. */
    default Value reduce(ReduceOp kind, Value x, boolean keepdims, int... axes) {
        String label = "reduce_" + kind.label();
        return emitOne(checked(label, () -> Reduce.of(kind, x.shape().rank(), keepdims, axes)), x);
    }

    /** Running sums along an axis. */
    default Value cumsum(Value x, int axis) {
        return cumsum(x, axis, false, false);
    }

    /** Running sums along an axis, of the elements before each if exclusive, from the last to the first if reverse. */
    default Value cumsum(Value x, int axis, boolean exclusive, boolean reverse) {
        return emitOne(checked("cumsum", () -> new Scan(ReduceOp.SUM, Types.axis(axis, x.shape().rank(), "input " + x.shape()),
                exclusive, reverse)), x);
    }

    /** Running products along an axis; they have no gradient. */
    default Value cumprod(Value x, int axis) {
        return emitOne(checked("cumprod", () -> new Scan(ReduceOp.PROD, Types.axis(axis, x.shape().rank(), "input " + x.shape()),
                false, false)), x);
    }

    /** The sum over the axes along which {@code shape} broadcasts to the shape of x: the gradient of a broadcast. */
    default Value sumTo(Value x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        List<Integer> axes = new ArrayList<>(Broadcasting.repeatedAxes(shape, x.shape()));
        // Axes of extent 1 that only the larger shape has vanish by reshaping.
        axes.removeIf(axis -> x.shape().extent(axis) == 1);
        Value sum = axes.isEmpty() ? x : reduceSum(x, false, axes.stream().mapToInt(Integer::intValue).toArray());
        return reshape(sum, shape);
    }

    /** Softmax along an axis; a negative axis counts from the end. */
    default Value softmax(Value x, int axis) {
        return emitOne(checked("softmax", () -> Softmax.of(x.shape(), axis, false)), x);
    }

    /** The logarithm of softmax along an axis; a negative axis counts from the end. */
    default Value logSoftmax(Value x, int axis) {
        return emitOne(checked("log_softmax", () -> Softmax.of(x.shape(), axis, true)), x);
    }

    /**
     * Batch norm in training of x [N, C, ...]: y = (x - mean) / sqrt(variance + epsilon) * weight + bias with each channel's
     * mean and biased variance over the batch. The running statistics move as PyTorch's do, the variance with the unbiased
     * estimate; assign their new values.
     *
     * @param weight      [C]
     * @param bias        [C]
     * @param runningMean [C]
     * @param runningVar  [C]
     * @param momentum    the share of the new statistics, in [0, 1]
     * @param epsilon     at least 0
     */
    default BatchNormalised batchNorm(Value x, Value weight, Value bias, Value runningMean, Value runningVar, double momentum,
            double epsilon) {
        BatchNorm op = new BatchNorm((float) epsilon, (float) momentum, Affine.WEIGHT_AND_BIAS, true);
        List<Value> outputs = emit(op.label(), op, List.of(x, weight, bias, runningMean, runningVar));
        return new BatchNormalised(outputs.get(0), outputs.get(3), outputs.get(4));
    }

    /** The same without weight and bias. */
    default BatchNormalised batchNorm(Value x, Value runningMean, Value runningVar, double momentum, double epsilon) {
        BatchNorm op = new BatchNorm((float) epsilon, (float) momentum, Affine.NONE, true);
        List<Value> outputs = emit(op.label(), op, List.of(x, runningMean, runningVar));
        return new BatchNormalised(outputs.get(0), outputs.get(3), outputs.get(4));
    }

    /**
     * Batch norm with given statistics, as in evaluation: (x - mean) * (weight / sqrt(variance + epsilon)) + bias for each
     * channel of x [N, C, ...]. It is pointwise, so it rides on the convolution before it.
     */
    default Value batchNormInference(Value x, Value weight, Value bias, Value mean, Value variance, double epsilon) {
        Value scale = mul(weight, rsqrt(add(variance, constant(epsilon))));
        Value normal = mul(sub(x, perChannel(x, mean)), perChannel(x, scale));
        return add(normal, perChannel(x, bias));
    }

    /** The same without weight and bias. */
    default Value batchNormInference(Value x, Value mean, Value variance, double epsilon) {
        return mul(sub(x, perChannel(x, mean)), perChannel(x, rsqrt(add(variance, constant(epsilon)))));
    }

    /**
     * Layer norm over the last axes: each slice of x with the shape of weight and bias gets mean 0 and variance 1, then weight
     * and bias.
     */
    default Value layerNorm(Value x, Value weight, Value bias, double epsilon) {
        Value rows = rows("layer_norm", x, weight.shape());
        GroupNorm op = new GroupNorm(1, (float) epsilon, true, Affine.WEIGHT_AND_BIAS);
        return reshape(emit("layer_norm", op, List.of(rows, flatten(weight, 0), flatten(bias, 0))).getFirst(), x.shape());
    }

    /** The same without weight and bias, over the last axes, which have this shape. */
    default Value layerNorm(Value x, Shape normalized, double epsilon) {
        GroupNorm op = new GroupNorm(1, (float) epsilon, true, Affine.NONE);
        return reshape(emit("layer_norm", op, List.of(rows("layer_norm", x, normalized))).getFirst(), x.shape());
    }

    /** Root mean square norm over the last axes: x / sqrt(mean(x^2) + epsilon) * weight, the mean over slices like weight. */
    default Value rmsNorm(Value x, Value weight, double epsilon) {
        GroupNorm op = new GroupNorm(1, (float) epsilon, false, Affine.WEIGHT);
        Value rows = rows("rms_norm", x, weight.shape());
        return reshape(emit("rms_norm", op, List.of(rows, flatten(weight, 0))).getFirst(), x.shape());
    }

    /**
     * Group norm of x [N, C, ...]: the channels of each sample in groups of neighbours, each with mean 0 and variance 1, then
     * weight [C] and bias [C]. As many groups as channels is instance norm.
     */
    default Value groupNorm(Value x, int groups, Value weight, Value bias, double epsilon) {
        return emitOne(new GroupNorm(groups, (float) epsilon, true, Affine.WEIGHT_AND_BIAS), x, weight, bias);
    }

    /** The same without weight and bias. */
    default Value groupNorm(Value x, int groups, double epsilon) {
        return emitOne(new GroupNorm(groups, (float) epsilon, true, Affine.NONE), x);
    }

    /** Local response norm across the channels of x [N, C, ...]: x / (k + alpha / size * sum of squares) ^ beta. */
    default Value localResponseNorm(Value x, int size, double alpha, double beta, double k) {
        return emitOne(new LocalResponseNorm(checked("local_response_norm", () -> {
            try {
                return new LocalResponse(size, (float) alpha, (float) beta, (float) k);
            } catch (QuernException e) {
                throw new IllegalOperandException(e.getMessage());
            }
        })), x);
    }

    /** A tensor [C] as it broadcasts to x [N, C, ...]. */
    private Value perChannel(Value x, Value channels) {
        int[] extents = new int[Math.max(1, x.shape().rank() - 1)];
        Arrays.fill(extents, 1);
        extents[0] = Math.toIntExact(channels.shape().elements());
        return reshape(channels, Shape.of(extents));
    }

    /** x as a matrix whose rows are its slices of this shape. */
    private Value rows(String label, Value x, Shape slice) {
        return checked(label, () -> {
            int from = x.shape().rank() - slice.rank();
            boolean fits = slice.rank() > 0 && from >= 0;
            for (int axis = 0; fits && axis < slice.rank(); axis++) {
                fits = x.shape().extent(from + axis) == slice.extent(axis);
            }
            if (!fits || slice.elements() > Integer.MAX_VALUE || x.shape().elements() == 0) {
                throw new IllegalOperandException("x " + x.shape() + ": its last axes must be " + slice
                        + ", which is normalised and not empty");
            }
            int features = (int) slice.elements();
            return reshape(x, Shape.of(Math.toIntExact(x.shape().elements() / features), features));
        });
    }

    /** 1 at the place that each index names along a new last axis of this extent, else 0: I32 [...] becomes F32 [..., classes]. */
    default Value oneHot(Value index, int classes) {
        Value places = sub(cumsum(constant(1, Shape.of(classes)), 0), constant(1));
        int[] extents = Arrays.copyOf(index.shape().toArray(), index.shape().rank() + 1);
        extents[extents.length - 1] = 1;
        return elementwise(ElementwiseFunction.EQUAL, reshape(index, Shape.of(extents)), places);
    }
}
