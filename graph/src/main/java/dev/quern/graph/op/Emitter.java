package dev.quern.graph.op;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Appends nodes to a graph: the vocabulary of users, layers and gradient rules alike. Types are inferred at once; operands
 * that an op does not take are an error that names the node, the caller's line, the shapes and the rule.
 */
public interface Emitter {
    /**
     * Appends a node, or finds the equal one that exists.
     *
     * @param label  what the node is called within its scope
     * @param op     what it computes
     * @param inputs its operands, made by this emitter
     * @return its outputs
     */
    List<Value> emit(String label, Op op, List<Value> inputs);

    /**
     * Makes an op's attributes. An {@link IllegalOperandException} in the making is reported as one of emitting is.
     *
     * @param label what the node would be called
     * @param rule  makes the attributes
     */
    default <T> T checked(String label, Supplier<T> rule) {
        return rule.get();
    }

    /** The first output of a node named after its op. */
    default Value emitOne(Op op, Value... inputs) {
        return emit(op.label(), op, List.of(inputs)).getFirst();
    }

    /** An F32 scalar. */
    default Value constant(double value) {
        return emitOne(new Constant((float) value, Shape.scalar()));
    }

    /** An F32 tensor whose elements are all the same number. */
    default Value constant(double value, Shape shape) {
        return emitOne(new Constant((float) value, shape));
    }

    /** An expression over the corresponding elements of tensors that broadcast as in NumPy; input k is operand k. */
    default Value apply(Expr expression, Value... inputs) {
        return emitOne(new Pointwise(inputs.length, expression), inputs);
    }

    /** The same with a name of its own, for example {@code gelu}. */
    default Value apply(String label, Expr expression, Value... inputs) {
        return emit(label, new Pointwise(inputs.length, expression), List.of(inputs)).getFirst();
    }

    /** An elementwise function of tensors that broadcast as in NumPy. */
    default Value elementwise(ElementwiseFunction function, Value... inputs) {
        Expr[] arguments = new Expr[inputs.length];
        Arrays.setAll(arguments, Expr.Input::new);
        return apply(Expressions.call(function, arguments), inputs);
    }

    default Value add(Value a, Value b) {
        return elementwise(ElementwiseFunction.ADD, a, b);
    }

    default Value sub(Value a, Value b) {
        return elementwise(ElementwiseFunction.SUB, a, b);
    }

    default Value mul(Value a, Value b) {
        return elementwise(ElementwiseFunction.MUL, a, b);
    }

    default Value div(Value a, Value b) {
        return elementwise(ElementwiseFunction.DIV, a, b);
    }

    default Value maximum(Value a, Value b) {
        return elementwise(ElementwiseFunction.MAXIMUM, a, b);
    }

    default Value minimum(Value a, Value b) {
        return elementwise(ElementwiseFunction.MINIMUM, a, b);
    }

    default Value pow(Value a, double exponent) {
        return apply("pow", Expressions.pow(Expressions.input(0), Expressions.constant(exponent)), a);
    }

    default Value neg(Value a) {
        return elementwise(ElementwiseFunction.NEG, a);
    }

    default Value abs(Value a) {
        return elementwise(ElementwiseFunction.ABS, a);
    }

    default Value square(Value a) {
        return elementwise(ElementwiseFunction.SQUARE, a);
    }

    default Value sqrt(Value a) {
        return elementwise(ElementwiseFunction.SQRT, a);
    }

    default Value rsqrt(Value a) {
        return elementwise(ElementwiseFunction.RSQRT, a);
    }

    default Value reciprocal(Value a) {
        return elementwise(ElementwiseFunction.RECIPROCAL, a);
    }

    default Value exp(Value a) {
        return elementwise(ElementwiseFunction.EXP, a);
    }

    default Value log(Value a) {
        return elementwise(ElementwiseFunction.LOG, a);
    }

    default Value tanh(Value a) {
        return elementwise(ElementwiseFunction.TANH, a);
    }

    default Value sigmoid(Value a) {
        return elementwise(ElementwiseFunction.SIGMOID, a);
    }

    default Value relu(Value a) {
        return elementwise(ElementwiseFunction.RELU, a);
    }

    /** {@code chosen} where {@code condition} is not 0, else {@code other}. */
    default Value where(Value condition, Value chosen, Value other) {
        return elementwise(ElementwiseFunction.SELECT, condition, chosen, other);
    }

    /** One of the composite activations of {@link Expressions}: {@code activation("gelu", Expressions::gelu, x)}. */
    default Value activation(String label, UnaryOperator<Expr> function, Value x) {
        return apply(label, function.apply(Expressions.input(0)), x);
    }

    /** The matrix product a [m, k] times b [k, n]; leading axes broadcast. */
    default Value matmul(Value a, Value b) {
        return matmul(a, b, false, false);
    }

    /** The matrix product of the last two axes, either operand transposed if asked for; leading axes broadcast. */
    default Value matmul(Value a, Value b, boolean transposeA, boolean transposeB) {
        return emitOne(new MatMul(transposeA, transposeB), MatMul.whole(this, a, b), MatMul.whole(this, b, a));
    }

    /** The convolution of x [N, C, H, W] with a filter [K, C/groups, R, S]. */
    default Value conv2d(Value x, Value filter, Conv2dAttributes attributes) {
        return emitOne(new Conv2d(attributes), x, filter);
    }

    /**
     * The convolution of x [N, C, L] with a filter [K, C/groups, S]: [N, K, Q]. It is conv2d over images of one row.
     *
     * @param stride   input elements from one output element to the next
     * @param padding  zeros on either side
     * @param dilation input elements from one filter element to the next
     */
    default Value conv1d(Value x, Value filter, int stride, int padding, int dilation, int groups) {
        checked("conv1d", () -> {
            if (x.shape().rank() != 3 || filter.shape().rank() != 3) {
                throw new IllegalOperandException("input " + x.shape() + " and filter " + filter.shape()
                        + ": a one-dimensional convolution takes an input [N, C, L] and a filter [K, C/groups, S]");
            }
            return x;
        });
        Shape in = x.shape();
        Shape taps = filter.shape();
        Value y = conv2d(reshape(x, in.extent(0), in.extent(1), 1, in.extent(2)),
                reshape(filter, taps.extent(0), taps.extent(1), 1, taps.extent(2)),
                Conv2dAttributes.defaults().stride(1, stride).padding(0, padding).dilation(1, dilation).groups(groups));
        return reshape(y, y.shape().extent(0), y.shape().extent(1), y.shape().extent(3));
    }

    /**
     * The transposed convolution of x [N, K, P, Q] with a filter [K, C/groups, R, S]: [N, C, H, W], the gradient of conv2d's
     * input where x is the gradient of its output.
     *
     * @param attributes     those of the convolution that it is the gradient of
     * @param outputPaddingH rows to add at the bottom, fewer than the stride or the dilation: a convolution with a stride maps
     *                       several heights to the same one
     * @param outputPaddingW columns to add on the right
     */
    default Value convTranspose2d(Value x, Value filter, Conv2dAttributes attributes, int outputPaddingH, int outputPaddingW) {
        Shape output = checked("conv_transpose2d",
                () -> attributes.transposedShape(x.shape(), filter.shape(), outputPaddingH, outputPaddingW));
        return emit("conv_transpose2d", new Conv2dBackwardData(attributes, output), List.of(x, filter)).getFirst();
    }

    /** Maximum pooling of x [N, C, H, W]. */
    default Value maxPool2d(Value x, Pool2dAttributes attributes) {
        return emitOne(new MaxPool2d(attributes), x);
    }

    /** Average pooling of x [N, C, H, W]. */
    default Value avgPool2d(Value x, Pool2dAttributes attributes) {
        return emitOne(new AvgPool2d(attributes), x);
    }

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

    /** The same elements under another shape; one extent may be -1, which is worked out from the others. */
    default Value reshape(Value x, int... extents) {
        return reshape(x, checked("reshape", () -> Reshape.resolve(x.shape(), extents)));
    }

    /** The same elements under another shape. */
    default Value reshape(Value x, Shape shape) {
        return emitOne(new Reshape(shape), x);
    }

    /** All axes from {@code fromAxis} on as one. */
    default Value flatten(Value x, int fromAxis) {
        Shape shape = x.shape();
        int from = checked("flatten", () -> Types.axis(fromAxis, shape.rank(), "input " + shape));
        int[] extents = Arrays.copyOf(shape.toArray(), from + 1);
        extents[from] = Math.toIntExact(shape.elements(from, shape.rank()));
        return reshape(x, Shape.of(extents));
    }

    /** The axes in another order: axis i of the result is axis {@code permutation[i]} of x. */
    default Value transpose(Value x, int... permutation) {
        return emitOne(new Transpose(Arrays.stream(permutation).boxed().toList()), x);
    }

    /** x repeated to a larger shape by NumPy's rules. */
    default Value broadcast(Value x, Shape shape) {
        return emitOne(new Broadcast(shape), x);
    }

    /** x in another storage type; see {@link Cast}. */
    default Value cast(Value x, DType dtype) {
        return emitOne(new Cast(dtype), x);
    }

    /** {@code x[start:stop]} along an axis, as in NumPy: negative numbers count from the end. */
    default Value slice(Value x, int axis, int start, int stop) {
        return slice(x, axis, start, stop, 1);
    }

    /** {@code x[start:stop:step]} along an axis, as in NumPy: negative numbers count from the end, a negative step runs backwards. */
    default Value slice(Value x, int axis, int start, int stop, int step) {
        return emitOne(checked("slice", () -> Slice.along(x.shape(), axis, start, stop, step)), x);
    }

    /** One place of an axis, which disappears. */
    default Value select(Value x, int axis, int place) {
        int at = checked("select", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        Value one = slice(x, at, place, place == -1 ? x.shape().extent(at) : place + 1);
        List<Integer> extents = new ArrayList<>(Arrays.stream(x.shape().toArray()).boxed().toList());
        extents.remove(at);
        return reshape(one, Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** x cut into pieces of these sizes along an axis. */
    default List<Value> split(Value x, int axis, int... sizes) {
        int at = checked("split", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        checked("split", () -> {
            if (Arrays.stream(sizes).sum() != x.shape().extent(at)) {
                throw new IllegalOperandException("input " + x.shape() + ", axis " + axis + ": the sizes " + Arrays.toString(sizes)
                        + " do not add up to " + x.shape().extent(at));
            }
            return sizes;
        });
        List<Value> pieces = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            pieces.add(slice(x, at, start, start + size));
            start += size;
        }
        return pieces;
    }

    /** The order along an axis reversed. */
    default Value flip(Value x, int axis) {
        return slice(x, axis, -1, -x.shape().extent(axis) - 1, -1);
    }

    /** Tensors one after the other along an axis; their other extents must be equal. */
    default Value concat(int axis, Value... inputs) {
        int rank = inputs.length == 0 ? 0 : inputs[0].shape().rank();
        return emitOne(checked("concat", () -> new Concat(Types.axis(axis, rank, "operand 0"))), inputs);
    }

    /** Tensors of one shape side by side along a new axis. */
    default Value stack(int axis, Value... inputs) {
        int rank = inputs.length == 0 ? 0 : inputs[0].shape().rank();
        int at = checked("stack", () -> Types.axis(axis, rank + 1, "the result"));
        Value[] rows = new Value[inputs.length];
        for (int k = 0; k < inputs.length; k++) {
            List<Integer> extents = new ArrayList<>(Arrays.stream(inputs[k].shape().toArray()).boxed().toList());
            extents.add(at, 1);
            rows[k] = reshape(inputs[k], Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
        }
        return concat(at, rows);
    }

    /** x with elements of this value before and behind it along each axis. */
    default Value pad(Value x, List<Integer> before, List<Integer> after, double value) {
        return emitOne(checked("pad", () -> Pad.around(x.shape(), before, after, value)), x);
    }

    /** x mirrored at its ends along an axis, which are not repeated: {@code c b | a b c d | c b}. PyTorch's padding mode reflect. */
    default Value padReflect(Value x, int axis, int before, int after) {
        int extent = x.shape().extent(axis);
        checked("pad", () -> {
            if (before < 0 || after < 0 || before >= extent || after >= extent) {
                throw new IllegalOperandException("input " + x.shape() + ", axis " + axis + ": reflecting " + before + " and " + after
                        + " elements needs numbers from 0 to " + (extent - 1));
            }
            return extent;
        });
        List<Value> pieces = new ArrayList<>();
        if (before > 0) {
            pieces.add(slice(x, axis, before, 0, -1));
        }
        pieces.add(x);
        if (after > 0) {
            pieces.add(slice(x, axis, extent - 2, extent - 2 - after < 0 ? -extent - 1 : extent - 2 - after, -1));
        }
        return concat(axis, pieces.toArray(Value[]::new));
    }

    /** x with its end elements repeated along an axis: {@code a a | a b c d | d d}. PyTorch's padding mode replicate. */
    default Value padReplicate(Value x, int axis, int before, int after) {
        int extent = x.shape().extent(axis);
        List<Value> pieces = new ArrayList<>();
        if (before > 0) {
            pieces.add(repeated(slice(x, axis, 0, 1), axis, before));
        }
        pieces.add(x);
        if (after > 0) {
            pieces.add(repeated(slice(x, axis, extent - 1, extent), axis, after));
        }
        return concat(axis, pieces.toArray(Value[]::new));
    }

    private Value repeated(Value x, int axis, int times) {
        int[] extents = x.shape().toArray();
        extents[axis < 0 ? axis + extents.length : axis] = times;
        return broadcast(x, Shape.of(extents));
    }

    /** x again and again along an axis. */
    default Value repeat(Value x, int axis, int times) {
        int at = checked("repeat", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        List<Integer> extents = new ArrayList<>(Arrays.stream(x.shape().toArray()).boxed().toList());
        extents.add(at, 1);
        Value row = reshape(x, Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
        int[] whole = x.shape().toArray();
        whole[at] *= times;
        return reshape(repeated(row, at, times), Shape.of(whole));
    }

    /**
     * Places of an axis of x by index, I32: the axes of the indices take the axis's place. PyTorch's index_select; an index out
     * of range gives NaN, or the smallest integer.
     */
    default Value take(Value x, int axis, Value index) {
        return emitOne(checked("take", () -> new Gather(Types.axis(axis, x.shape().rank(), "x " + x.shape()), false, -1)), x, index);
    }

    /** One element of x for each index, which has the shape of the result: PyTorch's gather. */
    default Value gather(Value x, int axis, Value index) {
        return emitOne(checked("gather", () -> new Gather(Types.axis(axis, x.shape().rank(), "x " + x.shape()), true, -1)), x, index);
    }

    /**
     * A row of the table for each index, I32 [...]: the result is [..., features].
     *
     * @param table      [rows, features]
     * @param paddingIdx a row that gets no gradient; -1 for none
     */
    default Value embedding(Value table, Value index, int paddingIdx) {
        return emit("embedding", checked("embedding", () -> {
            Types.rank("table", table.type(), 2, "rows, features");
            return new Gather(0, false, paddingIdx);
        }), List.of(table, index)).getFirst();
    }

    /**
     * Zeros with the elements of x added by index along an axis, in order: PyTorch's scatter_add into zeros, of an axis of this
     * length.
     */
    default Value scatterAdd(Value x, int axis, Value index, int length) {
        return emitOne(checked("scatter_add", () -> new ScatterAdd(Types.axis(axis, x.shape().rank(), "x " + x.shape()), length, true,
                -1)), x, index);
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

    /** 1 at the place that each index names along a new last axis of this extent, else 0: I32 [...] becomes F32 [..., classes]. */
    default Value oneHot(Value index, int classes) {
        Value places = sub(cumsum(constant(1, Shape.of(classes)), 0), constant(1));
        int[] extents = Arrays.copyOf(index.shape().toArray(), index.shape().rank() + 1);
        extents[extents.length - 1] = 1;
        return elementwise(ElementwiseFunction.EQUAL, reshape(index, Shape.of(extents)), places);
    }

    /**
     * Random numbers that no other node draws. The seed and the step come from the plan's
     * {@code setRandom}.
     */
    Value random(Distribution distribution, Shape shape);

    /** Uniform in [0, 1). */
    default Value randomUniform(Shape shape) {
        return random(Distribution.UNIFORM, shape);
    }

    /** Normal with mean 0 and variance 1. */
    default Value randomNormal(Shape shape) {
        return random(Distribution.NORMAL, shape);
    }

    /** 1 with this probability, else 0. */
    default Value bernoulli(double probability, Shape shape) {
        return apply("bernoulli", Expressions.less(Expressions.input(0), Expressions.constant(probability)), randomUniform(shape));
    }

    /**
     * 0 with probability p, else x / (1 - p). The gradient draws the same numbers again. Srivastava et al., 2014.
     *
     * @param p in [0, 1]
     */
    default Value dropout(Value x, double p) {
        double keep = checked("dropout", () -> {
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalOperandException("p is " + p + ": a probability is from 0 to 1");
            }
            return 1 - p;
        });
        Expr kept = Expressions.less(Expressions.input(1), Expressions.constant(keep));
        Expr scaled = Expressions.mul(Expressions.constant(keep == 0 ? 0 : 1 / keep), Expressions.input(0));
        return p == 0 ? x : apply("dropout", Expressions.select(kept, scaled, Expressions.constant(0)), x, randomUniform(x.shape()));
    }

    /** x kept within [min, max]. */
    default Value clamp(Value x, double min, double max) {
        return apply("clamp", Expressions.clip(Expressions.input(0), min, max), x);
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

    /** A tensor [C] as it broadcasts to x [N, C, ...]. */
    private Value perChannel(Value x, Value channels) {
        int[] extents = new int[Math.max(1, x.shape().rank() - 1)];
        Arrays.fill(extents, 1);
        extents[0] = Math.toIntExact(channels.shape().elements());
        return reshape(channels, Shape.of(extents));
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

    /**
     * The mean cross-entropy between softmax(logits) and labels, a scalar.
     *
     * @param logits         F32 [N, classes]
     * @param labels         I32 [N]
     * @param labelSmoothing in [0, 1]
     */
    default Value softmaxCrossEntropy(Value logits, Value labels, double labelSmoothing) {
        return emitOne(new SoftmaxCrossEntropy((float) labelSmoothing), logits, labels);
    }

    /**
     * One layer and direction of a recurrent network over x [T, N, features].
     *
     * @param cell    LSTM, GRU or the plain tanh network
     * @param initial none for zero states, else h0 [N, H] and, for an LSTM, c0 [N, H]
     * @param lengths I32 [N]: steps from there on leave a row's state as it is and give zero
     * @param reverse whether time runs from the last step to the first
     */
    default RecurrentOutput recurrent(RecurrentCell cell, Value x, RecurrentWeights weights, List<Value> initial,
            Optional<Value> lengths, boolean reverse) {
        checked(cell.label(), () -> weights.check(cell, x.shape()));
        List<Value> operands = new ArrayList<>(List.of(matmul(x, weights.weightIh(), false, true), weights.weightHh()));
        weights.bias().ifPresent(bias -> operands.addAll(List.of(bias.ih(), bias.hh())));
        operands.addAll(initial);
        lengths.ifPresent(operands::add);
        Recurrent op = new Recurrent(cell, reverse, weights.bias().isPresent(), !initial.isEmpty(), lengths.isPresent());
        List<Value> results = emit(op.label(), op, operands);
        return new RecurrentOutput(results.get(0), results.get(1),
                cell == RecurrentCell.LSTM ? Optional.of(results.get(2)) : Optional.empty());
    }

    /**
     * Scaled dot-product attention with the scale 1 / sqrt(dim).
     *
     * @param q    queries [N, heads, queries, dim]
     * @param k    keys [N, heads, keys, dim]
     * @param v    values [N, heads, keys, valueDim]
     * @param mask what hides keys from queries. A query that sees no key has the result 0 and no gradient
     * @return [N, heads, queries, valueDim]
     */
    default Value scaledDotProductAttention(Value q, Value k, Value v, AttentionMask mask) {
        return scaledDotProductAttention(q, k, v, mask, q.shape().rank() == 0 ? 1 : 1 / Math.sqrt(Math.max(1, q.shape().extent(-1))));
    }

    /** The same with another scale. */
    default Value scaledDotProductAttention(Value q, Value k, Value v, AttentionMask mask, double scale) {
        List<Value> inputs = new ArrayList<>(List.of(q, k, v));
        mask.keyLengths().ifPresent(inputs::add);
        mask.additive().ifPresent(inputs::add);
        Attention op = new Attention(new AttentionAttributes((float) scale, mask.causal(), mask.keyLengths().isPresent(),
                mask.additive().isPresent()));
        return emit(op.label(), op, inputs).getFirst();
    }

    /** Recurrent layers on top of each other over x [T, N, features]. */
    default RecurrentOutput recurrent(RecurrentNetwork network, Value x) {
        return network.emit(this, x);
    }
}
