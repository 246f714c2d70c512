package dev.quern.graph.op;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.reduce.ReduceOp;
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
}
