package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.user.LeNetModel;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user may ask of a compilation besides being quick. */
class SteeringTest {
    private static final CompileOptions OPTIONS = CompileOptions.defaults();

    /** y = sum(log(x) * 2) */
    private static Graph logarithm() {
        GraphBuilder g = new GraphBuilder("logarithm");
        Value x = g.input("x", DType.F32, Shape.of(4));
        Value log;
        try (GraphBuilder.Scope _ = g.scope("layer")) {
            log = g.log(x);
        }
        g.output("y", g.reduceSum(g.mul(log, g.constant(2)), false));
        g.output("log", log);
        return g.build();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theFirstTensorThatIsNotFiniteStopsTheStepWithItsNodeAndLine(String id) {
        Device device = TestDevices.shared(id);
        try (State state = State.create(device);
                Plan plan = Compiler.compile(logarithm(), device, state, OPTIONS.withCheckFinite(true))) {
            plan.set("x", HostTensor.of(Shape.of(4), 1f, 2f, 3f, 4f));
            plan.run();
            assertThat(plan.scalar("y")).isCloseTo((float) (2 * Math.log(24)), org.assertj.core.data.Offset.offset(1e-4f));
            plan.set("x", HostTensor.of(Shape.of(4), 1f, 2f, -3f, 4f));
            assertThatThrownBy(plan::run).isInstanceOf(QuernException.class).hasMessageContaining("layer.log")
                    .hasMessageContaining("element 2").hasMessageContaining("NaN")
                    .hasMessageContaining("everything that it reads is finite");
            plan.set("x", HostTensor.of(Shape.of(4), 1f, Float.POSITIVE_INFINITY, 3f, 4f));
            assertThatThrownBy(plan::run).hasMessageContaining("so is something in x");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whereAKernelComputesSeveralNodesAllAreNamedWithTheirLines(String id) {
        Device device = TestDevices.shared(id);
        GraphBuilder g = new GraphBuilder("fused");
        g.output("y", g.reduceSum(g.log(g.input("x", DType.F32, Shape.of(4))), false));
        try (State state = State.create(device); Plan plan = Compiler.compile(g.build(), device, state, OPTIONS.withCheckFinite(true))) {
            plan.set("x", HostTensor.of(Shape.of(4), 1f, 2f, -3f, 4f));
            assertThatThrownBy(plan::run).isInstanceOf(QuernException.class).hasMessageContaining("reduce_sum (").hasMessageContaining("log (")
                    .hasMessageContaining("everything that it reads is finite");
        }
    }

    @Test
    void withoutTheCheckTheStepGoesOn() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device); Plan plan = Compiler.compile(logarithm(), device, state, OPTIONS)) {
            plan.set("x", HostTensor.of(Shape.of(4), 1f, 2f, -3f, 4f));
            plan.run();
            assertThat(plan.scalar("y")).isNaN();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aNodeThatIsKeptApartIsARegionOfItsOwn(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = LeNetModel.training(2, 0.9);
        String node;
        String region;
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, OPTIONS)) {
            PlanStep conv = plan.steps().stream().filter(step -> step.family().equals("conv2d-forward")).findFirst().orElseThrow();
            assertThat(conv.nodes()).hasSizeGreaterThan(1);
            node = conv.nodes().get(1).name();
            region = conv.region();
        }
        try (State state = State.create(device);
                Plan plan = Compiler.compile(graph, device, state, OPTIONS.withApart(Set.of(node)))) {
            assertThat(plan.steps()).anySatisfy(step -> assertThat(step.nodes()).extracting(PlanStep.PlanNode::name)
                    .containsExactly(node));
            assertThat(plan.explain()).contains(node + " into " + region).contains("it is to stay apart");
        }
    }

    @Test
    void aNodeThatIsNotThereCannotBeKeptApart() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device)) {
            assertThatThrownBy(() -> Compiler.compile(logarithm(), device, state, OPTIONS.withApart(Set.of("conv9"))))
                    .isInstanceOf(QuernException.class).hasMessageContaining("no node conv9").hasMessageContaining("layer.log");
        }
    }
}
