package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Blueprint;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStatistics;
import dev.quern.graph.plan.State;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Plans that are made and not run: how long planning takes, and what it says of large models. */
class BlueprintTest {
    /** A processor with room for anything, so that what is said does not depend on the machine. */
    private static final DeviceInfo ROOMY = new DeviceInfo("opencl:0", DeviceKind.CPU, "roomy", "test", "OpenCL 3.0", "1", 2, 4096,
            1 << 16, 1L << 36, 1L << 34, 128, 64, new TreeSet<>(List.of(Dialect.OPENCL, Dialect.PORTABLE)), new TreeSet<>());

    private static Blueprint blueprint(Graph graph) {
        return Compiler.blueprint(graph, ROOMY, CompileOptions.defaults());
    }

    private static void assertSnug(PlanStatistics statistics) {
        assertThat((double) statistics.temporaryBytes()).as("%s", statistics).isLessThanOrEqualTo(1.1 * statistics.boundBytes());
    }

    @Test
    void trainingResNet50InBatchesOf32IsPlannedWithinTwoSeconds() {
        Graph graph = ResNetModel.training(32);
        blueprint(graph);
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        Blueprint blueprint = blueprint(graph);
        Duration taken = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
        assertSnug(blueprint.statistics());
        assertThat(taken).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void batchNormInEvaluationAndTheShortcutRideOnConvolutions() {
        Blueprint blueprint = blueprint(ResNetModel.evaluation(1));
        // 53 convolutions, pooling, mean and product; what normalisation scales by, in a few launches before.
        assertThat(blueprint.statistics().regions()).isLessThanOrEqualTo(53 + 3 + 16);
        assertThat(blueprint.explain()).contains("fused relu_3 into layer1.0.conv1", "fused relu_5 into layer1.0.downsample.0");
    }

    @Test
    void whatIsDearIsStoredRatherThanComputedWhereItIsLoaded() {
        GraphBuilder g = new GraphBuilder("dear");
        Value x = g.parameter("x", DType.F32, Shape.of(512, 512));
        Value y = g.matmul(g.activation("gelu", Expressions::gelu, x), x);
        g.output("y", y);
        g.output("dx", Gradients.of(g, g.reduceSum(y, false), List.of(x)).getFirst());
        assertThat(blueprint(g.build()).explain()).contains("computing it at each load would cost more than storing it")
                .contains("writes   gelu ");
    }

    @Test
    void aBlueprintSaysWhatThePlanWillSay() {
        Device device = TestDevices.shared("host");
        Graph graph = LeNetModel.training(8, 0.9);
        Blueprint blueprint = Compiler.blueprint(graph, device.info(), CompileOptions.defaults());
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            assertThat(blueprint.explain()).isEqualTo(plan.explain());
            assertThat(blueprint.statistics()).isEqualTo(plan.statistics());
        }
    }

    /** No pass and no part of fusion recurses along the graph, and none looks at everything for every node. */
    @Test
    void tenThousandNodesInARowAreNoneTooMany() {
        GraphBuilder g = new GraphBuilder("chain");
        Value x = g.parameter("x", DType.F32, Shape.of(64, 64));
        Value y = x;
        for (int i = 0; i < 10_000; i++) {
            y = i % 100 == 99 ? g.matmul(y, x) : i % 2 == 0 ? g.tanh(y) : g.sub(y, x);
        }
        g.output("y", y);
        assertThat(g.nodes()).hasSizeGreaterThan(10_000);
        assertSnug(blueprint(g.build()).statistics());
    }

    /** Twenty thousand nodes, gradients included: processor time, which others on the machine do not use up. */
    @Test
    void planningALongChainWithItsGradientsTakesSeconds() {
        GraphBuilder g = new GraphBuilder("chain");
        Value x = g.parameter("x", DType.F32, Shape.of(64, 64));
        Value y = x;
        for (int i = 0; i < 8_000; i++) {
            y = i % 2 == 0 ? g.tanh(y) : g.sub(y, x);
        }
        Value loss = g.reduceSum(y, false);
        g.assign(x, g.sub(x, Gradients.of(g, loss, List.of(x)).getFirst()));
        Graph graph = g.build();
        assertThat(graph.nodes()).hasSizeGreaterThan(20_000);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertSnug(blueprint(graph).statistics());
        assertThat((threads.getCurrentThreadCpuTime() - start) / 1e9).as("seconds of this thread").isLessThan(40);
    }
}
