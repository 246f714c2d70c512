package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Along a random direction, the loss changes as the gradients say: a four-point difference by the interpreter. Functions with
 * kinks are left to the golden cases.
 */
class DirectionalGradientTest {
    private static final double STEP = 2e-2;

    @TestFactory
    Stream<DynamicTest> theLossChangesAsTheGradientsSay() {
        Map<String, BiFunction<GraphBuilder, Value[], Value>> ops = new LinkedHashMap<>();
        ops.put("matmul", (g, p) -> g.matmul(p[0], p[1]));
        ops.put("matmul transposed", (g, p) -> g.matmul(p[1], p[0], true, true));
        ops.put("matmul of a batch by one matrix", (g, p) -> g.matmul(g.reshape(p[2], 2, 18, 4), g.reshape(p[0], 4, 6)));
        ops.put("matmul of one matrix by a batch", (g, p) -> g.matmul(g.reshape(p[0], 6, 4), g.reshape(p[2], 2, 4, 18)));
        ops.put("conv2d", (g, p) -> g.conv2d(p[2], p[3], Conv2dAttributes.defaults().padding(1).stride(2)));
        ops.put("conv2d twice differentiable", (g, p) -> {
            Value y = g.reduceSum(g.tanh(g.conv2d(p[2], p[3], Conv2dAttributes.defaults())), false);
            return g.square(Gradients.of(g, y, List.of(p[3])).getFirst());
        });
        ops.put("average pooling", (g, p) -> g.avgPool2d(p[2], Pool2dAttributes.kernel(3).stride(2).padding(1)));
        ops.put("softmax", (g, p) -> g.mul(g.softmax(p[0], 1), p[0]));
        ops.put("log softmax", (g, p) -> g.mul(g.logSoftmax(p[0], 0), p[0]));
        ops.put("softmax twice differentiable", (g, p) -> {
            Value y = g.reduceSum(g.square(g.softmax(p[0], 1)), false);
            return g.square(Gradients.of(g, y, List.of(p[0])).getFirst());
        });
        ops.put("reductions", (g, p) -> g.mul(g.reduceMean(p[2], true, 0, 2), g.reduceSum(p[2], true, 1)));
        ops.put("transpose and broadcast", (g, p) -> g.mul(g.transpose(p[0], 1, 0), g.broadcast(p[1], Shape.of(3, 4, 6))));
        ops.put("composite activation", (g, p) -> g.activation("gelu", Expressions::gelu, p[0]));
        ops.put("label-smoothed cross-entropy", (g, p) -> g.softmaxCrossEntropy(p[0],
                g.input("labels", DType.I32, Shape.of(6)), 0.1));
        for (RecurrentCell cell : RecurrentCell.values()) {
            ops.put(cell.label() + " of rows of several lengths", (g, p) -> recurrent(g, cell, p[2], p[3]));
        }
        return ops.entrySet().stream().map(op -> DynamicTest.dynamicTest(op.getKey(), () -> check(op.getValue())));
    }

    /** Three steps of six rows with two hidden units, in both directions; the weights are parts of one parameter. */
    private static Value recurrent(GraphBuilder g, RecurrentCell cell, Value x, Value parameters) {
        int rows = 2 * cell.gates();
        Value flat = g.reshape(parameters, -1);
        Value biasIh = g.slice(flat, 0, 0, rows);
        Value biasHh = g.slice(flat, 0, rows, 2 * rows);
        Value hidden = g.reshape(g.slice(flat, 0, 2 * rows, 4 * rows), rows, 2);
        Value input = g.reshape(g.slice(flat, 0, 4 * rows, 12 * rows), rows, 8);
        RecurrentWeights weights = RecurrentWeights.of(input, hidden, biasIh, biasHh);
        RecurrentOutput output = g.recurrent(RecurrentNetwork.of(cell, List.of(weights, weights)).bidirectional(true)
                .lengths(g.input("labels", DType.I32, Shape.of(6))), g.reshape(x, 3, 6, 8));
        Value ends = g.reshape(g.transpose(output.cn().orElse(output.hn()), 1, 0, 2), 1, 6, 4);
        return g.add(output.y(), ends);
    }

    private static void check(BiFunction<GraphBuilder, Value[], Value> op) {
        GraphBuilder g = new GraphBuilder("gradient");
        Value[] parameters = {parameter(g, "a", 6, 4), parameter(g, "b", 4, 6), parameter(g, "c", 2, 4, 3, 6),
            parameter(g, "d", 3, 4, 3, 3)};
        Value result = op.apply(g, parameters);
        Value weight = g.apply("weight", Expressions.sin(Expressions.input(0)), parameter(g, "weights", result.shape().toArray()));
        Value loss = g.reduceSum(g.mul(result, weight), false);
        g.output("loss", loss);
        List<Value> used = new ArrayList<>();
        for (Value parameter : parameters) {
            if (depends(g, loss, parameter)) {
                used.add(parameter);
            }
        }
        List<Value> gradients = Gradients.of(g, loss, used);
        for (int i = 0; i < used.size(); i++) {
            g.output("grad." + used.get(i).name(), gradients.get(i));
        }
        Random random = new Random(7);
        Map<String, HostTensor> point = new LinkedHashMap<>();
        Map<String, HostTensor> direction = new LinkedHashMap<>();
        for (Value each : used) {
            point.put(each.name(), gaussian(each.shape(), random));
            direction.put(each.name(), gaussian(each.shape(), random));
        }
        HostTensor weights = gaussian(result.shape(), random);
        try (GraphRunner runner = GraphRunner.reference(g.build())) {
            runner.write("weights", weights);
            runner.set("labels", HostTensor.of(Shape.of(6), 0, 3, 1, 2, 2, 0));
            double expected = (8 * (at(runner, point, direction, STEP) - at(runner, point, direction, -STEP))
                    - (at(runner, point, direction, 2 * STEP) - at(runner, point, direction, -2 * STEP))) / (12 * STEP);
            at(runner, point, direction, 0);
            double actual = 0;
            double scale = 0;
            for (Value each : used) {
                HostTensor gradient = runner.output("grad." + each.name());
                HostTensor along = direction.get(each.name());
                for (long i = 0; i < gradient.shape().elements(); i++) {
                    actual += gradient.get(i) * along.get(i);
                    scale += gradient.get(i) * gradient.get(i);
                }
            }
            assertThat(scale).as("some gradient flows").isPositive();
            assertThat(actual).isCloseTo(expected, Offset.offset(2e-3 * Math.sqrt(scale) + 1e-4));
        }
    }

    private static boolean depends(GraphBuilder g, Value loss, Value parameter) {
        boolean[] reached = new boolean[g.nodes().size()];
        reached[g.resolve(parameter).node().id()] = true;
        g.nodes().forEach(node -> reached[node.id()] |= node.inputs().stream().anyMatch(in -> reached[in.node().id()]));
        return reached[g.resolve(loss).node().id()];
    }

    private static double at(GraphRunner runner, Map<String, HostTensor> point, Map<String, HostTensor> direction, double t) {
        point.forEach((name, tensor) -> {
            HostTensor moved = HostTensor.zeros(DType.F32, tensor.shape());
            for (long i = 0; i < tensor.shape().elements(); i++) {
                moved.set(i, tensor.get(i) + t * direction.get(name).get(i));
            }
            runner.write(name, moved);
        });
        runner.run();
        return runner.output("loss").get(0);
    }

    private static Value parameter(GraphBuilder g, String name, int... extents) {
        return g.parameter(name, DType.F32, Shape.of(extents));
    }

    private static HostTensor gaussian(Shape shape, Random random) {
        HostTensor tensor = HostTensor.zeros(DType.F32, shape);
        for (long i = 0; i < shape.elements(); i++) {
            tensor.set(i, random.nextGaussian() * 0.5);
        }
        return tensor;
    }
}
