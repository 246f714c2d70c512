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
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Anchors that store their result and what follows from it in one launch. */
class KeptResultTest {
    private static Value parameter(GraphBuilder g, String name, int... extents) {
        return g.parameter(name, DType.F32, Shape.of(extents));
    }

    private static Graph withGradients(GraphBuilder g, Value y, List<Value> wanted) {
        Value loss = g.reduceSum(g.square(y), false);
        g.output("loss", loss);
        List<Value> gradients = Gradients.of(g, loss, wanted);
        for (int i = 0; i < wanted.size(); i++) {
            g.output("d" + wanted.get(i).name(), gradients.get(i));
        }
        return g.build();
    }

    /** Two layers of which the first one's activation needs its argument again for its gradient. */
    private static Graph products() {
        GraphBuilder g = new GraphBuilder("products");
        Value x = parameter(g, "x", 40, 64);
        Value first = parameter(g, "first", 64, 96);
        Value h = g.activation("gelu", Expressions::gelu, g.add(g.matmul(x, first), parameter(g, "bias", 96)));
        return withGradients(g, g.matmul(h, parameter(g, "second", 96, 80)), List.of(x, first));
    }

    /** The same with convolutions and silu. */
    private static Graph convolutions() {
        GraphBuilder g = new GraphBuilder("convolutions");
        Value x = parameter(g, "x", 2, 3, 12, 12);
        Value first = parameter(g, "first", 8, 3, 3, 3);
        Value y = g.add(g.conv2d(x, first, new Conv2dAttributes(1, 1, 1, 1, 1, 1, 1, 1, 1)), parameter(g, "bias", 8, 1, 1));
        Value h = g.activation("silu", Expressions::silu, y);
        return withGradients(g, g.conv2d(h, parameter(g, "second", 4, 8, 3, 3), new Conv2dAttributes(1, 1, 1, 1, 1, 1, 1, 1, 1)), List.of(x, first));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void anActivationAndItsArgumentAreWrittenByOneLaunch(String id) {
        Device device = TestDevices.shared(id);
        for (Graph graph : List.of(products(), convolutions())) {
            String text = Compiler.blueprint(graph, device.info(), CompileOptions.defaults()).explain();
            // Products of the host device apply it as they load it, without storing it at all.
            if (!id.equals("host") || graph.name().equals("convolutions")) {
                assertThat(text).containsPattern("fused (gelu|silu) beside the result of ").containsPattern("; keeps (gelu|silu) = ")
                        .contains("both must be stored, and one launch writes both (saves ");
            }
            ReferenceCheck.assertLikeReference(graph, device, CompileOptions.defaults().withGuarded(true), 2e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void twoReadersOfAResultRideTogetherAndAThirdDoesNot(String id) {
        Device device = TestDevices.shared(id);
        GraphBuilder g = new GraphBuilder("several");
        Value y = g.matmul(parameter(g, "x", 24, 40), parameter(g, "w", 40, 33));
        Value shortcut = parameter(g, "shortcut", 24, 33);
        g.output("y", y);
        g.output("sum", g.add(y, shortcut));
        g.output("relu", g.relu(g.add(y, shortcut)));
        g.output("scaled", g.mul(y, parameter(g, "scale", 33)));
        Graph graph = g.build();
        String text = Compiler.blueprint(graph, device.info(), CompileOptions.defaults()).explain();
        assertThat(text).contains("fused add beside").contains("fused relu beside").contains("refused mul beside")
                .contains("more than 2 values would be kept");
        ReferenceCheck.assertLikeReference(graph, device, CompileOptions.defaults().withGuarded(true), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatIsToStayApartOrFollowsFromTheResultOrIsReadMuchLaterIsNotKept(String id) {
        Device device = TestDevices.shared(id);
        CompileOptions apart = CompileOptions.defaults().withApart(Set.of("gelu"));
        assertThat(Compiler.blueprint(products(), device.info(), apart).explain()).doesNotContain("keeps gelu")
                .contains("refused gelu beside the result of matmul: it is to stay apart");
        // Another kernel's result that needs this one's first cannot be an operand of what rides on it.
        GraphBuilder g = new GraphBuilder("around");
        Value x = parameter(g, "x", 16, 16);
        Value y = g.matmul(x, x);
        Value around = g.softmax(y, 1);
        g.output("y", y);
        g.output("both", g.mul(y, around));
        g.output("around", around);
        Graph graph = g.build();
        assertThat(Compiler.blueprint(graph, device.info(), CompileOptions.defaults()).explain())
                .contains("refused mul beside the result of matmul: its other operands cannot be read along the result, or are not there yet");
        ReferenceCheck.assertLikeReference(graph, device, CompileOptions.defaults().withGuarded(true), 1e-5);
        GraphBuilder late = new GraphBuilder("late");
        Value first = late.matmul(late.parameter("x", DType.F32, Shape.of(16, 16)), late.parameter("w", DType.F32, Shape.of(16, 16)));
        Value gelu = late.activation("gelu", Expressions::gelu, first);
        Value deep = first;
        for (int i = 0; i < 2 * Profit.KEPT_DISTANCE; i++) {
            deep = late.matmul(deep, first);
        }
        late.output("y", late.softmax(late.concat(0, deep, gelu), 1));
        assertThat(Compiler.blueprint(late.build(), device.info(), CompileOptions.defaults()).explain())
                .contains("it would take memory long before it is read");
    }
}
