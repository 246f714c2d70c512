package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.op.Value;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.OutOfDeviceMemoryException;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.guard.GuardViolationException;
import dev.quern.user.LeNetModel;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What plans promise beside right numbers. */
class PlanTest {
    private static final CompileOptions OPTIONS = CompileOptions.defaults();

    static List<String> devices() {
        return TestDevices.ids().toList();
    }

    private static Value parameter(GraphBuilder g, String path, int... extents) {
        return g.parameter(path, DType.F32, Shape.of(extents));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aStepAllocatesNoDeviceMemoryBuildsNothingAndLeavesLittleOnTheHeap(String id) {
        try (Device device = TestDevices.fresh(id); State state = State.create(device);
                Plan plan = Compiler.compile(LeNetModel.training(4, 0.9), device, state, OPTIONS)) {
            plan.set("labels", HostTensor.of(Shape.of(4), 1, 2, 3, 4));
            for (int i = 0; i < 30; i++) {
                step(plan);
            }
            DeviceStatistics before = device.statistics();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long heap = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 50; i++) {
                step(plan);
            }
            long perStep = (threads.getCurrentThreadAllocatedBytes() - heap) / 50;
            assertThat(device.statistics().allocations()).isEqualTo(before.allocations());
            assertThat(device.statistics().programsBuilt()).isEqualTo(before.programsBuilt());
            assertThat(device.statistics().liveBytes()).isEqualTo(before.liveBytes());
            assertThat(perStep).as("bytes of Java heap a step").isLessThan(1024);
            assertThat(plan.statistics().launches()).isLessThanOrEqualTo(id.equals("host") ? 40 : 30);
            assertThat((double) plan.statistics().temporaryBytes()).isLessThanOrEqualTo(1.1 * plan.statistics().boundBytes());
        }
    }

    private static void step(Plan plan) {
        plan.input("x").set(ValueLayout.JAVA_FLOAT, 0, 1);
        plan.setScalar("lr", 0.01f);
        plan.run();
        plan.scalar("loss");
    }

    @ParameterizedTest
    @MethodSource("devices")
    void inputsThatAreHandedOverAreTheNextStepsUnlessTheyAreGivenAnew(String id) {
        try (Device device = TestDevices.fresh(id); State state = State.create(device)) {
            GraphBuilder g = new GraphBuilder("handed");
            Value sum = parameter(g, "sum", 2);
            g.assign(sum, g.add(g.mul(sum, g.constant(10)), g.input("x", DType.F32, Shape.of(2))));
            try (Plan plan = Compiler.compile(g.build(), device, state, OPTIONS)) {
                assertThatThrownBy(plan::handOver).isInstanceOf(QuernException.class).hasMessageContaining("nothing was given for x");
                plan.set("x", HostTensor.of(Shape.of(2), 1f, 2f));
                plan.handOver();
                for (int step = 2; step < 6; step++) {
                    plan.run();
                    plan.set("x", HostTensor.of(Shape.of(2), step, 2f));
                    plan.handOver();
                }
                plan.set("x", HostTensor.of(Shape.of(2), 7f, 7f));
                plan.run();
                // The last ones are kept from step to step.
                plan.run();
            }
            assertThat(state.read("sum").toFloats()).containsExactly(123477, 222277);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void trainingAndEvaluationShareOneState(String id) {
        try (Device device = TestDevices.fresh(id); State state = State.create(device)) {
            GraphBuilder train = new GraphBuilder("train");
            Value w = parameter(train, "w", 3);
            train.assign(w, train.add(w, train.constant(1)));
            GraphBuilder evaluate = new GraphBuilder("evaluate");
            evaluate.output("y", evaluate.mul(parameter(evaluate, "w", 3), evaluate.constant(2)));
            try (Plan training = Compiler.compile(train.build(), device, state, OPTIONS);
                    Plan evaluation = Compiler.compile(evaluate.build(), device, state, OPTIONS)) {
                state.write("w", HostTensor.of(Shape.of(3), 1f, 2f, 3f));
                training.run();
                evaluation.run();
                assertThat(evaluation.read("y").toFloats()).containsExactly(4, 6, 8);
            }
            assertThat(state.read("w").toFloats()).containsExactly(2, 3, 4);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void everyReadOfAStepSeesTheOldValues(String id) {
        GraphBuilder g = new GraphBuilder("follow");
        Value p = parameter(g, "p", 2);
        Value ema = g.state("ema", DType.F32, Shape.of(2));
        Value copy = g.state("copy", DType.F32, Shape.of(2));
        Value total = g.state("total", DType.F32, Shape.of());
        g.assign(p, g.mul(p, g.constant(10)));
        g.assign(ema, g.add(g.mul(ema, g.constant(0.5)), p));
        g.assign(copy, p);
        g.assign(total, g.add(total, g.reduceSum(p, false)));
        g.output("p", p);
        g.output("twice", g.add(p, p));
        for (boolean fusion : new boolean[] {true, false}) {
            try (Device device = TestDevices.fresh(id); State state = State.create(device);
                    Plan plan = Compiler.compile(g.build(), device, state, OPTIONS.withFusion(fusion))) {
                state.write("p", HostTensor.of(Shape.of(2), 1f, 2f));
                plan.run();
                plan.run();
                assertThat(plan.read("p").toFloats()).containsExactly(10, 20);
                assertThat(plan.read("twice").toFloats()).containsExactly(20, 40);
                assertThat(state.read("p").toFloats()).containsExactly(100, 200);
                assertThat(state.read("ema").toFloats()).containsExactly(10.5f, 21);
                assertThat(state.read("copy").toFloats()).containsExactly(10, 20);
                assertThat(state.read("total").toFloats()).containsExactly(33);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anUpdateThatMixesPositionsReadsOldValuesOnly(String id) {
        GraphBuilder g = new GraphBuilder("mix");
        Value p = parameter(g, "p", 2, 2);
        Value q = parameter(g, "q", 2, 2);
        g.assign(p, g.add(g.transpose(p, 1, 0), q));
        g.assign(q, g.add(g.transpose(p, 1, 0), g.mul(q, g.constant(2))));
        try (Device device = TestDevices.fresh(id); State state = State.create(device);
                Plan plan = Compiler.compile(g.build(), device, state, OPTIONS)) {
            state.write("p", HostTensor.of(Shape.of(2, 2), 1f, 2f, 3f, 4f));
            state.write("q", HostTensor.of(Shape.of(2, 2), 10f, 20f, 30f, 40f));
            plan.run();
            assertThat(state.read("p").toFloats()).containsExactly(11, 23, 32, 44);
            assertThat(state.read("q").toFloats()).containsExactly(21, 43, 62, 84);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void tensorsCanSwap(String id) {
        GraphBuilder g = new GraphBuilder("swap");
        Value p = parameter(g, "p", 2);
        Value q = parameter(g, "q", 2);
        Value r = parameter(g, "r", 2, 1);
        Value s = parameter(g, "s", 1, 2);
        g.assign(p, q);
        g.assign(q, p);
        g.assign(r, g.reshape(s, 2, 1));
        g.assign(s, g.reshape(r, 1, 2));
        for (boolean fusion : new boolean[] {true, false}) {
            try (Device device = TestDevices.fresh(id); State state = State.create(device);
                    Plan plan = Compiler.compile(g.build(), device, state, OPTIONS.withFusion(fusion))) {
                state.write("p", HostTensor.of(Shape.of(2), 1f, 2f));
                state.write("r", HostTensor.of(Shape.of(2, 1), 5f, 6f));
                plan.run();
                assertThat(state.read("p").toFloats()).containsExactly(0, 0);
                assertThat(state.read("q").toFloats()).containsExactly(1, 2);
                assertThat(state.read("r").toFloats()).containsExactly(0, 0);
                assertThat(state.read("s").toFloats()).containsExactly(5, 6);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aPlanThatDoesNotFitNamesItsLargestSlotsAndLeavesNothingBehind(String id) {
        GraphBuilder g = new GraphBuilder("huge");
        Value row = parameter(g, "row", 1, 40_000);
        Value column = parameter(g, "column", 40_000, 1);
        Value outer = g.mul(row, column);
        for (int i = 0; i < 100; i++) {
            outer = g.matmul(outer, outer);
            g.output("y" + i, outer);
        }
        Graph graph = g.build();
        try (Device device = TestDevices.fresh(id); State state = State.create(device)) {
            long before = device.statistics().liveBytes();
            assertThatThrownBy(() -> Compiler.compile(graph, device, state, OPTIONS))
                    .isInstanceOf(OutOfDeviceMemoryException.class).hasMessageContaining("plan huge")
                    .hasMessageContaining("matmul").hasMessageContaining("MiB");
            assertThat(device.statistics().liveBytes() - before).isLessThan(1 << 20);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void pinsChooseVariantsAndPinsOfNothingAreRefused(String id) {
        GraphBuilder g = new GraphBuilder("pinned");
        try (GraphBuilder.Scope scope = g.scope("fc")) {
            Value y = g.matmul(parameter(g, "a", 5, 7), parameter(g, "b", 7, 3));
            g.output("y", g.relu(g.add(y, parameter(g, "bias", 3))));
        }
        Graph graph = g.build();
        String variant = id.equals("host") ? "blocked" : "naive";
        try (Device device = TestDevices.fresh(id); State state = State.create(device)) {
            try (Plan plan = Compiler.compile(graph, device, state, OPTIONS.withPins(Pins.none().with("fc", variant)))) {
                assertThat(plan.explain()).contains("by " + variant).contains("why      pinned");
            }
            assertThatThrownBy(() -> Compiler.compile(graph, device, state,
                    OPTIONS.withPins(Pins.none().with("fc", "no_such")))).hasMessageContaining("no_such is pinned but does not exist");
            assertThatThrownBy(() -> Compiler.compile(graph, device, state, OPTIONS.withPins(Pins.none().with("fd", "naive"))))
                    .hasMessageContaining("pin fd of graph pinned: concerns nothing").hasMessageContaining("[fc]");
            assertThatThrownBy(() -> Compiler.compile(graph, device, state,
                    OPTIONS.withPins(Pins.none().with("fc.relu", "naive")))).hasMessageContaining("it is fused into fc");
        }
    }

    /** Java kernels cannot write outside of the memory that they are given. */
    static List<String> devicesWithoutBounds() {
        return devices().stream().filter(id -> !id.equals("host")).toList();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("devicesWithoutBounds")
    void guardModeNoticesAKernelThatWritesPastItsSlot(String id) {
        GraphBuilder g = new GraphBuilder("guarded");
        g.output("y", g.relu(g.reshape(g.reduceSum(parameter(g, "w", 4, 3), false, 0), 3, 1)));
        CompileOptions options = OPTIONS.withPins(Pins.none().with("reduce_sum", "overrunning"));
        try (Device device = TestDevices.fresh(id); State state = State.create(device);
                Plan plan = Compiler.compile(g.build(), device, state, options.withGuarded(true))) {
            assertThatThrownBy(plan::run).isInstanceOf(GuardViolationException.class).hasMessageContaining("reduce_sum")
                    .hasMessageContaining("past the end");
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void misuseIsAnErrorInWords(String id) {
        GraphBuilder g = new GraphBuilder("misused");
        g.output("y", g.relu(g.input("x", DType.F32, Shape.of(2))));
        try (Device device = TestDevices.fresh(id); State state = State.create(device)) {
            Plan plan = Compiler.compile(g.build(), device, state, OPTIONS);
            assertThatThrownBy(() -> plan.input("z")).hasMessageContaining("has no input z; it has [x]");
            assertThatThrownBy(() -> plan.set("x", HostTensor.zeros(DType.F32, Shape.of(3)))).hasMessageContaining("input x is F32[2]");
            assertThatThrownBy(() -> plan.read("z")).hasMessageContaining("has no output z; it has [y]");
            assertThatThrownBy(() -> plan.setScalar("x", 1)).hasMessageContaining("not an F32 scalar");
            assertThatThrownBy(plan::run).hasMessageContaining("nothing was given for x");
            plan.close();
            plan.close();
            assertThatThrownBy(plan::run).isInstanceOf(IllegalStateException.class).hasMessageContaining("plan misused is closed");
            state.declare("w", TensorType.f32(2));
            assertThatThrownBy(() -> state.declare("w", TensorType.f32(3))).hasMessageContaining("w: the state holds F32[2]");
            assertThatThrownBy(() -> state.read("v")).hasMessageContaining("no such tensor");
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void constantsAndInputsCanBeOutputs(String id) {
        GraphBuilder g = new GraphBuilder("plain");
        Value x = g.input("x", DType.F32, Shape.of(2, 2));
        g.output("constant", g.constant(3, Shape.of(2)));
        g.output("input", g.flatten(x, 0));
        g.output("broadcast", g.broadcast(g.reshape(x, 2, 2, 1), Shape.of(2, 2, 2)));
        try (Device device = TestDevices.fresh(id); State state = State.create(device);
                Plan plan = Compiler.compile(g.build(), device, state, OPTIONS.withGuarded(true))) {
            plan.set("x", HostTensor.of(Shape.of(2, 2), 1f, 2f, 3f, 4f));
            plan.run();
            assertThat(plan.read("constant").toFloats()).containsExactly(3, 3);
            assertThat(plan.read("input").toFloats()).containsExactly(1, 2, 3, 4);
            assertThat(plan.read("broadcast").toFloats()).containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
        }
    }
}
