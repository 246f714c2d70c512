package dev.quern.graph.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.ReferenceCheck;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pointwise work that matrix products do on their operands as they load them. */
class PrologueTest {
    /** Two layers with an activation whose gradient needs its argument, so that it cannot ride on the first. */
    private static Graph twoLayers() {
        GraphBuilder g = new GraphBuilder("layers");
        Value x = g.parameter("x", DType.F32, Shape.of(3, 40, 64));
        Value first = g.parameter("first", DType.F32, Shape.of(64, 96));
        Value second = g.parameter("second", DType.F32, Shape.of(96, 80));
        Value h = g.apply("leaky", Expressions.leakyRelu(Expressions.mul(Expressions.input(0), Expressions.input(1)), 0.1),
                g.matmul(x, first), g.parameter("scale", DType.F32, Shape.of(96)));
        Value loss = g.reduceSum(g.square(g.matmul(h, second)), false);
        g.output("loss", loss);
        List<Value> wanted = List.of(x, first, second);
        List<Value> gradients = Gradients.of(g, loss, wanted);
        for (int i = 0; i < wanted.size(); i++) {
            g.output("d" + wanted.get(i).name(), gradients.get(i));
        }
        return g.build();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void anActivationThatOnlyProductsReadIsNeverStored(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = twoLayers();
        // Small products are quickest where nothing is packed, and then nothing is applied while packing.
        List<String> variants = id.equals("host") ? List.of("blocked")
                : device.info().kind() == DeviceKind.CPU ? List.of("packed_cpu", "naive") : List.of("naive");
        for (String variant : variants) {
            CompileOptions options = CompileOptions.defaults().withPins(Pins.none().with("gemm", variant));
            String text = Compiler.blueprint(graph, device.info(), options).explain();
            assertThat(text).contains("fused leaky into the operand of ").contains(", of a as ").contains("x1 = scale")
                    .doesNotContain("writes   leaky ");
            ReferenceCheck.assertLikeReference(graph, device, options.withGuarded(true), 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatIsToStayApartOrIsReadElsewhereIsStored(String id) {
        Device device = TestDevices.shared(id);
        CompileOptions apart = CompileOptions.defaults().withApart(Set.of("leaky"));
        assertThat(Compiler.blueprint(twoLayers(), device.info(), apart).explain())
                .contains("refused leaky into the operand of ").contains("writes   leaky ");
        GraphBuilder g = new GraphBuilder("read elsewhere");
        Value x = g.input("x", DType.F32, Shape.of(64, 64));
        Value h = g.tanh(x);
        g.output("y", g.matmul(h, x));
        g.output("sums", g.cumsum(h, 0));
        assertThat(Compiler.blueprint(g.build(), device.info(), CompileOptions.defaults()).explain())
                .contains("refused tanh into the operand of matmul, cumsum: ").contains(" takes no such prologue, ").contains("writes   tanh ");
    }

    /** A mean of squared differences, and the gradient of its bias: both are computed where a reduction loads what they come from. */
    private static Graph differences() {
        GraphBuilder g = new GraphBuilder("differences");
        Value x = g.parameter("x", DType.F32, Shape.of(70, 48));
        Value bias = g.parameter("bias", DType.F32, Shape.of(48));
        g.output("error", g.reduceMean(g.square(g.sub(x, bias)), false, 0));
        g.output("sums", g.reduceSum(g.mul(x, g.parameter("weights", DType.F32, Shape.of(70, 48))), false, 1));
        return g.build();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatOnlyAReductionReadsIsNeverStored(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = differences();
        CompileOptions options = CompileOptions.defaults();
        String text = Compiler.blueprint(graph, device.info(), options).explain();
        assertThat(text).contains("into the operand of reduce_mean").contains("into the operand of reduce_sum")
                .contains("of x as square(sub(x0, x1)) with x1 = bias").contains(" in 2 regions");
        ReferenceCheck.assertLikeReference(graph, device, options.withGuarded(true), 1e-5);
        assertThat(Compiler.blueprint(graph, device.info(), options.withApart(Set.of("sub"))).explain()).contains("writes   sub ");
        ReferenceCheck.assertLikeReference(graph, device, options.withApart(Set.of("sub")), 1e-5);
    }

    /** Two branches of convolution, batch norm and relu, joined: the gradient of each is a part of that of the join, where relu let it through. */
    private static Graph branches() {
        GraphBuilder g = new GraphBuilder("branches");
        Value x = g.parameter("x", DType.F32, Shape.of(3, 5, 8, 8));
        List<Value> joined = new ArrayList<>();
        List<Value> wanted = new ArrayList<>();
        for (int channels : List.of(4, 7)) {
            Value filter = g.parameter("filter" + channels, DType.F32, Shape.of(channels, 5, 3, 3));
            Value weight = g.parameter("weight" + channels, DType.F32, Shape.of(channels));
            Value bias = g.parameter("bias" + channels, DType.F32, Shape.of(channels));
            Value mean = g.parameter("mean" + channels, DType.F32, Shape.of(channels));
            Value variance = g.parameter("variance" + channels, DType.F32, Shape.of(channels));
            Value conv = g.conv2d(x, filter, Conv2dAttributes.defaults().padding(1, 1));
            joined.add(g.relu(g.batchNorm(conv, weight, bias, mean, variance, 0.1, 1e-2).y()));
            wanted.addAll(List.of(filter, weight, bias));
        }
        Value loss = g.reduceSum(g.square(g.conv2d(g.concat(1, joined.toArray(Value[]::new)), g.parameter("last", DType.F32, Shape.of(6, 11, 3, 3)),
                Conv2dAttributes.defaults())), false);
        List<Value> gradients = Gradients.of(g, loss, wanted);
        for (int i = 0; i < wanted.size(); i++) {
            g.output("d" + wanted.get(i).name(), gradients.get(i));
        }
        return g.build();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theGradientOfReluIsComputedWhereThatOfBatchNormLoadsIt(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = branches();
        CompileOptions options = CompileOptions.defaults();
        String text = Compiler.blueprint(graph, device.info(), options).explain();
        assertThat(text).containsPattern("fused \\S+ into the operand of \\S*batch_norm_backward").contains(", of dy as select(greater(x0, 0), x1, 0)")
                .contains("[0 + 256 of each 704]").contains("[256 + 448 of each 704]");
        ReferenceCheck.assertLikeReference(graph, device, options.withGuarded(true), 1e-4);
    }
}
