package dev.quern.layers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clipping and penalties change gradients before the optimizer sees them. */
class PreparedGradientsTest {
    /** A weight [1, 2] and a bias [2] after one step of rate 1 along the given gradients. */
    private static double[] stepped(Optimizer optimizer, String id) {
        Device device = TestDevices.shared(id);
        GraphBuilder builder = new GraphBuilder("step");
        Value weight = builder.parameter("w", DType.F32, Shape.of(1, 2));
        Value bias = builder.parameter("b", DType.F32, Shape.of(2));
        Value dw = builder.input("dw", DType.F32, Shape.of(1, 2));
        Value db = builder.input("db", DType.F32, Shape.of(2));
        Update.emit(builder, optimizer, List.of("w", "b"), List.of(weight, bias), List.of(dw, db));
        try (State state = State.create(device);
                Plan plan = Compiler.compile(builder.build(), device, state, CompileOptions.defaults())) {
            state.write("w", HostTensor.of(Shape.of(1, 2), 10f, -20f));
            state.write("b", HostTensor.of(Shape.of(2), 30f, -40f));
            plan.set("dw", HostTensor.of(Shape.of(1, 2), 3f, 0f));
            plan.set("db", HostTensor.of(Shape.of(2), 0f, -4f));
            plan.setScalar(Optimizer.LEARNING_RATE, 1);
            plan.run();
            return new double[] {state.read("w").get(0), state.read("w").get(1), state.read("b").get(0), state.read("b").get(1)};
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theNormOfAllGradientsTogetherIsLimited(String id) {
        assertThat(stepped(Sgd.plain().clippedByNorm(1), id)).containsExactly(new double[] {9.4, -20, 30, -39.2}, within(1e-5));
        assertThat(stepped(Sgd.plain().clippedByNorm(100), id)).containsExactly(7, -20, 30, -36);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyElementIsLimited(String id) {
        assertThat(stepped(Sgd.plain().clippedByValue(1), id)).containsExactly(9, -20, 30, -39);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void penaltiesPullWeightsAndNotBiases(String id) {
        assertThat(stepped(Sgd.plain().penalised(0.5, 0), id)).containsExactly(6.5, -19.5, 30, -36);
        assertThat(stepped(Sgd.plain().penalised(0, 0.1), id)).containsExactly(new double[] {6, -18, 30, -36}, within(1e-5));
        assertThat(stepped(Sgd.plain().clippedByValue(1).penalised(0.5, 0.1), id)).as("penalty, then clipping")
                .containsExactly(9, -19, 30, -39);
    }

    @Test
    void descriptionsTellThemApart() {
        assertThat(Sgd.plain().clippedByNorm(2).penalised(0.5, 0).description())
                .isEqualTo("penalty(l1=0.5, l2=0.0) clip_norm(2.0) sgd(momentum=0.0, nesterov=false, weight_decay=0.0)");
        assertThat(Sgd.plain().penalised(0, 0)).isEqualTo(Sgd.plain());
    }

    @Test
    void limitsAndPenaltiesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> Sgd.plain().clippedByNorm(0)).isInstanceOf(QuernException.class)
                .hasMessage("the largest norm of gradients is 0.0, expected a finite number above 0");
        assertThatThrownBy(() -> Sgd.plain().clippedByValue(Double.NaN)).isInstanceOf(QuernException.class)
                .hasMessageStartingWith("the largest gradient is NaN");
        assertThatThrownBy(() -> Sgd.plain().penalised(-1, 0)).isInstanceOf(QuernException.class)
                .hasMessageStartingWith("the L1 penalty is -1.0");
    }
}
