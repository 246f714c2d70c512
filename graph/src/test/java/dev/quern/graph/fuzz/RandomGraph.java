package dev.quern.graph.fuzz;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Broadcasting;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.IllegalOperandException;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Grows small graphs out of a seed: forwards, their gradients, and updates of the parameters. */
final class RandomGraph {
    private final Random random;
    private final GraphBuilder g;
    private final List<Value> values = new ArrayList<>();
    private final List<Value> parameters = new ArrayList<>();

    private RandomGraph(long seed) {
        this.random = new Random(seed);
        this.g = new GraphBuilder("fuzz" + seed);
    }

    static Graph of(long seed) {
        return new RandomGraph(seed).grow();
    }

    private Graph grow() {
        int leaves = 2 + random.nextInt(3);
        for (int i = 0; i < leaves; i++) {
            Value parameter = g.parameter("p" + i, DType.F32, shape());
            parameters.add(parameter);
            values.add(parameter);
        }
        values.add(g.input("x", DType.F32, Shape.of(2, 4, 6, 6)));
        values.add(g.input("m", DType.F32, Shape.of(6, 4)));
        int ops = 6 + random.nextInt(14);
        for (int i = 0; i < ops; i++) {
            values.add(op());
        }
        Value last = values.getLast();
        g.output("last", last);
        g.output("some", values.get(leaves + random.nextInt(values.size() - leaves)));
        Value loss = g.constant(0);
        for (Value parameter : parameters) {
            // Every parameter reaches the loss, or there would be no gradient to speak of.
            loss = g.add(loss, g.reduceMean(g.mul(parameter, g.tanh(parameter)), false));
        }
        loss = g.add(loss, g.reduceMean(g.tanh(last), false));
        g.output("loss", loss);
        List<Value> gradients = Gradients.of(g, loss, parameters);
        Value rate = g.stepScalar("rate");
        for (int i = 0; i < parameters.size(); i++) {
            Value parameter = parameters.get(i);
            Value velocity = g.state("v" + i, DType.F32, parameter.shape());
            Value next = g.add(g.mul(velocity, g.constant(0.9)), gradients.get(i));
            g.assign(velocity, next);
            // Now and then one parameter follows another, so that an update reads what another one changes.
            boolean follows = i > 0 && random.nextInt(4) == 0
                    && Broadcasting.reaches(parameters.get(i - 1).shape(), parameter.shape());
            Value moved = g.sub(parameter, g.mul(rate, next));
            g.assign(parameter, follows ? g.add(moved, g.mul(g.constant(0.1), parameters.get(i - 1))) : moved);
        }
        return g.build();
    }

    private Shape shape() {
        return switch (random.nextInt(6)) {
            case 0 -> Shape.of(4);
            case 1 -> Shape.of(6, 4);
            case 2 -> Shape.of(4, 1, 1);
            case 3 -> Shape.of(2, 4, 6, 6);
            case 4 -> Shape.of(3, 6, 4);
            default -> Shape.of(1, 4);
        };
    }

    private Value any() {
        return values.get(random.nextInt(values.size()));
    }

    private Value op() {
        Value a = any();
        Shape shape = a.shape();
        int rank = shape.rank();
        return switch (random.nextInt(20)) {
            case 0 -> g.tanh(a);
            case 1 -> g.relu(a);
            case 2 -> g.sigmoid(a);
            case 3 -> g.activation("gelu", Expressions::geluTanh, g.tanh(a));
            case 4 -> g.mul(g.tanh(a), g.constant(0.5));
            case 5, 6, 7 -> binary(a);
            case 8 -> rank >= 2 ? g.transpose(a, permutation(rank)) : g.neg(a);
            case 9 -> g.reshape(a, -1);
            case 10 -> rank >= 1 ? g.softmax(a, random.nextInt(rank)) : g.exp(g.tanh(a));
            case 11 -> rank >= 1 ? g.reduceSum(g.tanh(a), random.nextBoolean(), random.nextInt(rank)) : g.abs(a);
            case 12 -> rank >= 1 ? g.reduceMean(a, random.nextBoolean(), random.nextInt(rank)) : g.square(g.tanh(a));
            case 13 -> rank == 4 && shape.extent(2) > 1 && shape.extent(3) > 1 ? pool(a) : g.tanh(a);
            case 14 -> product(a);
            case 15 -> rank >= 1 ? sliced(a) : g.cast(g.tanh(a), DType.F32);
            case 16 -> rank >= 1 && shape.elements() < 2048 ? g.concat(random.nextInt(rank), a, g.tanh(a)) : g.neg(a);
            case 17 -> rank >= 1 && shape.elements() < 1024 ? padded(a) : g.neg(a);
            default -> convolution(a);
        };
    }

    private Value binary(Value a) {
        Value b = any();
        try {
            Shape common = Broadcasting.common(List.of(a.shape(), b.shape()));
            if (common.elements() > 4096) {
                return g.relu(a);
            }
        } catch (IllegalOperandException e) {
            return g.sub(a, g.reduceMean(b, false));
        }
        return switch (random.nextInt(4)) {
            case 0 -> g.add(a, b);
            case 1 -> g.sub(a, b);
            case 2 -> g.mul(g.tanh(a), g.tanh(b));
            default -> g.maximum(a, b);
        };
    }

    private int[] permutation(int rank) {
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        for (int i = rank - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    private Value pool(Value a) {
        Pool2dAttributes attributes = Pool2dAttributes.kernel(2).stride(1 + random.nextInt(2));
        return random.nextBoolean() ? g.maxPool2d(a, attributes) : g.avgPool2d(a, attributes);
    }

    private Value sliced(Value a) {
        int axis = random.nextInt(a.shape().rank());
        int extent = a.shape().extent(axis);
        int start = random.nextInt(extent);
        return random.nextInt(3) == 0 ? g.flip(a, axis) : g.slice(a, axis, start, extent, 1 + random.nextInt(2));
    }

    private Value padded(Value a) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        for (int axis = 0; axis < a.shape().rank(); axis++) {
            before.add(random.nextInt(2));
            after.add(random.nextInt(2));
        }
        return g.pad(a, before, after, 0.5);
    }

    private Value product(Value a) {
        Value flat = g.tanh(g.reshape(a, -1, a.shape().rank() == 0 ? 1 : a.shape().extent(-1)));
        Value square = g.matmul(flat, flat, true, false);
        Value result = random.nextBoolean() ? square : g.matmul(flat, square);
        Value biased = g.add(result, g.constant(0.1));
        return random.nextBoolean() ? g.relu(biased) : g.mul(biased, g.constant(0.1));
    }

    private Value convolution(Value a) {
        if (a.shape().rank() != 4 || a.shape().extent(2) < 3 || a.shape().extent(3) < 3) {
            return g.tanh(a);
        }
        String path = "w" + parameters.size();
        Value filter = g.parameter(path, DType.F32, Shape.of(3, a.shape().extent(1), 3, 3));
        parameters.add(filter);
        Value bias = g.parameter(path + ".bias", DType.F32, Shape.of(3));
        parameters.add(bias);
        Value y = g.conv2d(g.tanh(a), filter, Conv2dAttributes.defaults().padding(random.nextInt(2)));
        return g.relu(g.add(y, g.reshape(bias, 1, 3, 1, 1)));
    }
}
