package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.IllegalOperandException;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kernel of the user's own, with its gradient, in less than thirty lines. */
class CustomOpTest {
    private static final CustomOp CUBE = CustomOp.named("cube", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> {
        for (long i = 0; i < inputs.getFirst().shape().elements(); i++) {
            outputs.getFirst().set(i, Math.pow(inputs.getFirst().get(i), 3));
        }
    }).kernel(Dialect.PORTABLE, "cube", """
            Q_KERNEL void cube(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int n) {
                const int i = (int) Q_GLOBAL_ID(0);
                if (i < n) {
                    y[i] = x[i] * x[i] * x[i];
                }
            }""", (inputs, outputs) -> CustomOp.overElements(outputs.getFirst())
    ).gradient(backward -> {
        Emitter emit = backward.emit();
        Value x = backward.input(0);
        backward.to(0, emit.mul(backward.gradient(), emit.mul(emit.constant(3), emit.mul(x, x))));
    });

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void runsAndDifferentiatesLikeAnyOther(String id) {
        GraphBuilder g = new GraphBuilder("cubes");
        Value x = g.parameter("x", DType.F32, Shape.of(3, 50));
        Value y = g.custom(CUBE, g.relu(x));
        g.output("y", y);
        g.output("dx", Gradients.of(g, g.reduceSum(y, false), List.of(x)).getFirst());
        Device device = TestDevices.shared(id);
        try (GraphRunner plan = GraphRunner.on(device, g.build(), CompileOptions.defaults());
                GraphRunner reference = GraphRunner.reference(g.build())) {
            HostTensor values = HostTensor.zeros(DType.F32, Shape.of(3, 50));
            for (int i = 0; i < 150; i++) {
                values.set(i, (i - 75) / 50.0);
            }
            for (GraphRunner runner : List.of(plan, reference)) {
                runner.write("x", values);
                runner.run();
                for (int i = 0; i < 150; i++) {
                    double at = Math.max(0, values.get(i));
                    assertThat(runner.output("y").get(i)).isCloseTo(at * at * at, Offset.offset(1e-6));
                    assertThat(runner.output("dx").get(i)).isCloseTo(3 * at * at, Offset.offset(1e-6));
                }
            }
        }
    }

    @Test
    void withoutAGradientItCanBeStopped() {
        CustomOp plain = CustomOp.named("halve", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> { });
        GraphBuilder g = new GraphBuilder("g");
        Value x = g.parameter("x", DType.F32, Shape.of(4));
        Value stopped = g.reduceSum(g.mul(x, g.stopGradient(g.custom(plain, x))), false);
        assertThat(Gradients.of(g, stopped, List.of(x))).hasSize(1);
        Value loss = g.reduceSum(g.custom(plain, x), false);
        assertThatThrownBy(() -> Gradients.of(g, loss, List.of(x))).isInstanceOf(GraphException.class)
                .hasMessageContaining("halve (CustomOpTest.java:").hasMessageContaining("has no gradient")
                .hasMessageContaining("stopGradient");
    }

    @Test
    void wrongOperandsAreToldWithTheUsersLine() {
        CustomOp picky = CustomOp.named("picky", inputs -> {
            throw new IllegalOperandException("takes a matrix, not " + inputs.getFirst().shape());
        }, (inputs, outputs) -> { });
        GraphBuilder g = new GraphBuilder("g");
        Value x = g.input("x", DType.F32, Shape.of(4));
        assertThatThrownBy(() -> g.custom(picky, x)).isInstanceOf(GraphException.class)
                .hasMessageMatching("picky \\(CustomOpTest\\.java:\\d+\\): takes a matrix, not \\[4\\]");
    }

    @Test
    void aKernelThatDoesNotCompileNamesItsNodeAndLine() {
        CustomOp broken = CustomOp.named("broken", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> { })
                .kernel(Dialect.PORTABLE, "broken", "Q_KERNEL void broken(Q_GLOBAL const float* x, Q_GLOBAL float* y) {\n  y = nonsense;\n}",
                        (inputs, outputs) -> CustomOp.overElements(outputs.getFirst()));
        GraphBuilder g = new GraphBuilder("g");
        g.output("y", g.custom(broken, g.input("x", DType.F32, Shape.of(4))));
        Device device = TestDevices.shared("opencl:0");
        assertThatThrownBy(() -> GraphRunner.on(device, g.build(), CompileOptions.defaults())).isInstanceOf(QuernException.class)
                .hasMessageContaining("broken").hasMessageContaining("2").hasMessageContaining("nonsense");
    }

    @Test
    void aDeviceWithoutAKernelOfItIsAnError() {
        CustomOp cudaOnly = CustomOp.named("far", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> { })
                .kernel(Dialect.CUDA, "far", "…", (inputs, outputs) -> CustomOp.overElements(outputs.getFirst()));
        GraphBuilder g = new GraphBuilder("g");
        g.output("y", g.custom(cudaOnly, g.input("x", DType.F32, Shape.of(4))));
        Device device = TestDevices.shared("opencl:0");
        assertThatThrownBy(() -> GraphRunner.on(device, g.build(), CompileOptions.defaults())).isInstanceOf(QuernException.class)
                .hasMessageContaining("far: no variant of custom").hasMessageContaining("it has no portable kernel");
    }
}
