package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.kernels.random.Distribution;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.BatchNormalised;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that are computed again instead of kept. */
class RecomputeTest {
    private static final int WIDTH = 8;
    private static final int BATCH = 512;

    /** Three blocks of three layers, dropout behind them, each block a region or not. */
    private static Graph deep(boolean recompute) {
        GraphBuilder g = new GraphBuilder("deep");
        List<Value> parameters = new ArrayList<>();
        Value h = g.input("x", DType.F32, Shape.of(BATCH, WIDTH));
        for (int block = 0; block < 3; block++) {
            GraphBuilder.Scope region = recompute ? g.recompute() : () -> { };
            for (int layer = 0; layer < 3; layer++) {
                Value w = g.parameter("w" + block + layer, DType.F32, Shape.of(WIDTH, WIDTH));
                parameters.add(w);
                h = g.tanh(g.matmul(h, w));
            }
            h = g.mul(h, g.random(Distribution.UNIFORM, Shape.of(BATCH, WIDTH)));
            region.close();
        }
        List<Value> gradients = Gradients.of(g, g.reduceSum(g.mul(h, h), false), parameters);
        for (int i = 0; i < gradients.size(); i++) {
            g.output("d" + i, gradients.get(i));
        }
        return g.build();
    }

    private record Outcome(List<float[]> gradients, long arena, int launches) {
    }

    private static Outcome run(Device device, Graph graph) {
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            Random random = new Random(5);
            graph.nodes().stream().filter(node -> node.op() instanceof Parameter).forEach(node -> {
                HostTensor w = HostTensor.zeros(DType.F32, Shape.of(WIDTH, WIDTH));
                for (int i = 0; i < WIDTH * WIDTH; i++) {
                    w.set(i, random.nextGaussian() / 5);
                }
                state.write(node.name(), w);
            });
            HostTensor x = HostTensor.zeros(DType.F32, Shape.of(BATCH, WIDTH));
            for (int i = 0; i < BATCH * WIDTH; i++) {
                x.set(i, random.nextGaussian());
            }
            plan.set("x", x);
            plan.setRandom(7, 1);
            plan.run();
            List<float[]> gradients = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                gradients.add(plan.read("d" + i).toFloats());
            }
            return new Outcome(gradients, plan.statistics().temporaryBytes(), plan.statistics().launches());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void gradientsAreTheSameBitsInLessMemory(String id) {
        Device device = TestDevices.shared(id);
        Outcome kept = run(device, deep(false));
        Outcome again = run(device, deep(true));
        for (int i = 0; i < 9; i++) {
            assertThat(again.gradients().get(i)).as("gradient " + i).containsExactly(kept.gradients().get(i));
            assertThat(kept.gradients().get(i)).isNotEqualTo(new float[WIDTH * WIDTH]);
        }
        assertThat(again.launches()).isGreaterThan(kept.launches());
        assertThat(again.arena()).isLessThan(kept.arena() * 3 / 4);
    }

    @Test
    void whatIsComputedAgainChangesTheStateOnce() {
        GraphBuilder g = new GraphBuilder("statistics");
        Value weight = g.parameter("weight", DType.F32, Shape.of(3));
        Value mean = g.state("mean", DType.F32, Shape.of(3));
        Value variance = g.state("variance", DType.F32, Shape.of(3));
        Value y;
        try (GraphBuilder.Scope region = g.recompute()) {
            BatchNormalised normal = g.batchNorm(g.tanh(g.input("x", DType.F32, Shape.of(4, 3))), weight, weight, mean, variance, 0.1, 1e-5);
            g.assign(mean, normal.runningMean());
            g.assign(variance, normal.runningVar());
            y = g.tanh(normal.y());
        }
        g.output("gradient", Gradients.of(g, g.reduceSum(y, false), List.of(weight)).getFirst());
        assertThat(g.build().assignments()).hasSize(2);
        assertThat(g.build().nodes().stream().filter(node -> node.op().label().equals("batch_norm"))).hasSize(2);
    }

    @Test
    void regionsDoNotNest() {
        GraphBuilder g = new GraphBuilder("g");
        try (GraphBuilder.Scope outer = g.recompute()) {
            assertThatThrownBy(() -> g.recompute()).isInstanceOf(GraphException.class).hasMessageContaining("RecomputeTest.java:")
                    .hasMessageContaining("cannot lie in each other");
        }
    }
}
