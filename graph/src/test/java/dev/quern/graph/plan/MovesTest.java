package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Slices, padding, joining, casts and random numbers in graphs, on every device. */
class MovesTest {
    private static HostTensor counted(DType dtype, int... extents) {
        HostTensor tensor = HostTensor.zeros(dtype, Shape.of(extents));
        for (long i = 0; i < tensor.shape().elements(); i++) {
            tensor.set(i, i);
        }
        return tensor;
    }

    /** The outputs of a graph on a device, fused, which must be those of the interpreter. */
    private static Map<String, HostTensor> run(String id, GraphBuilder g, Map<String, HostTensor> inputs, List<String> outputs) {
        Device device = TestDevices.shared(id);
        try (GraphRunner plan = GraphRunner.on(device, g.build(), CompileOptions.defaults());
                GraphRunner reference = GraphRunner.reference(g.build())) {
            inputs.forEach(plan::set);
            inputs.forEach(reference::set);
            plan.run();
            reference.run();
            Map<String, HostTensor> results = new java.util.TreeMap<>();
            for (String output : outputs) {
                HostTensor expected = reference.output(output);
                for (long i = 0; i < expected.shape().elements(); i++) {
                    assertThat(plan.output(output).get(i)).as(output + " " + i).isEqualTo(Double.valueOf(expected.get(i)));
                }
                results.put(output, plan.output(output));
            }
            return results;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void viewsOfViewsAreReadInPlace(String id) {
        GraphBuilder g = new GraphBuilder("views");
        Value x = g.input("x", DType.F32, Shape.of(4, 6, 5));
        // Every other row backwards, turned, one column of it, repeated.
        Value rows = g.slice(x, 1, -1, 0, -2);
        Value turned = g.transpose(rows, 2, 0, 1);
        Value column = g.slice(turned, 0, 3, 4);
        g.output("y", g.mul(g.broadcast(column, Shape.of(2, 4, 3)), g.constant(2)));
        g.output("flipped", g.flip(x, 2));
        g.output("last", g.select(x, 0, -1));
        Map<String, HostTensor> out = run(id, g, Map.of("x", counted(DType.F32, 4, 6, 5)), List.of("y", "flipped", "last"));
        // x[i, 5 - 2j, 3] = 30 i + 5 (5 - 2j) + 3
        assertThat(out.get("y").get(0)).isEqualTo(2 * 28);
        assertThat(out.get("y").get(12 + 3 * 2 + 1)).isEqualTo(2 * (60 + 15 + 3));
        assertThat(out.get("flipped").get(7)).isEqualTo(7);
        assertThat(out.get("last").get(0)).isEqualTo(90);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void integersKeepEveryBitWhenTheyMove(String id) {
        GraphBuilder g = new GraphBuilder("integers");
        Value x = g.input("x", DType.I32, Shape.of(2, 3));
        g.output("turned", g.transpose(x, 1, 0));
        g.output("joined", g.concat(0, x, g.flip(x, 1)));
        g.output("padded", g.pad(x, List.of(0, 1), List.of(0, 2), -7));
        HostTensor tensor = HostTensor.of(Shape.of(2, 3), 16_777_217, -16_777_219, 3, 4, Integer.MAX_VALUE, Integer.MIN_VALUE);
        Map<String, HostTensor> out = run(id, g, Map.of("x", tensor), List.of("turned", "joined", "padded"));
        assertThat(out.get("turned").toInts()).containsExactly(16_777_217, 4, -16_777_219, Integer.MAX_VALUE, 3, Integer.MIN_VALUE);
        assertThat(out.get("joined").toInts()).endsWith(Integer.MIN_VALUE, Integer.MAX_VALUE, 4);
        assertThat(out.get("padded").toInts()).startsWith(-7, 16_777_217, -16_777_219, 3, -7, -7, -7, 4);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void paddingReflectsAndReplicates(String id) {
        GraphBuilder g = new GraphBuilder("modes");
        Value x = g.input("x", DType.F32, Shape.of(4));
        g.output("reflected", g.padReflect(x, 0, 2, 3));
        g.output("replicated", g.padReplicate(x, 0, 2, 1));
        g.output("repeated", g.repeat(x, 0, 2));
        g.output("stacked", g.stack(1, x, g.mul(x, g.constant(2))));
        Map<String, HostTensor> out = run(id, g, Map.of("x", counted(DType.F32, 4)),
                List.of("reflected", "replicated", "repeated", "stacked"));
        assertThat(out.get("reflected").toFloats()).containsExactly(2, 1, 0, 1, 2, 3, 2, 1, 0);
        assertThat(out.get("replicated").toFloats()).containsExactly(0, 0, 0, 1, 2, 3, 3);
        assertThat(out.get("repeated").toFloats()).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
        assertThat(out.get("stacked").toFloats()).containsExactly(0, 0, 1, 2, 2, 4, 3, 6);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void castsRoundAlsoWhereNothingIsStored(String id) {
        GraphBuilder g = new GraphBuilder("casts");
        Value x = g.input("x", DType.F32, Shape.of(6));
        for (DType dtype : List.of(DType.F16, DType.BF16, DType.I32, DType.U8, DType.BOOL)) {
            Value cast = g.cast(x, dtype);
            g.output(dtype.toString(), cast);
            g.output(dtype + " again", g.sub(g.cast(x, dtype), g.constant(1)));
        }
        HostTensor tensor = HostTensor.of(Shape.of(6), 1.0009765f, -2.9f, 300.7f, Float.NaN, 1e30f, 0f);
        Map<String, HostTensor> out = run(id, g, Map.of("x", tensor),
                List.of("F16", "BF16", "I32", "U8", "BOOL", "F16 again", "BF16 again", "I32 again", "U8 again", "BOOL again"));
        assertThat(out.get("I32").toInts()).containsExactly(1, -2, 300, 0, Integer.MAX_VALUE, 0);
        assertThat(out.get("U8 again").toFloats()).containsExactly(0, -1, 254, -1, 254, -1);
        assertThat(out.get("BF16 again").get(0)).isZero();
        assertThat(out.get("F16").get(4)).isInfinite();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void dropoutScalesWhatItKeepsAndItsGradientDrawsTheSameNumbers(String id) {
        GraphBuilder g = new GraphBuilder("dropout");
        Value x = g.parameter("x", DType.F32, Shape.of(40, 300));
        Value y = g.dropout(x, 0.25);
        Value other = g.dropout(x, 0.25);
        g.output("y", y);
        g.output("other", other);
        g.output("dx", Gradients.of(g, g.reduceSum(y, false), List.of(x)).getFirst());
        Device device = TestDevices.shared(id);
        try (State state = State.create(device); Plan plan = Compiler.compile(g.build(), device, state, CompileOptions.defaults())) {
            HostTensor ones = HostTensor.zeros(DType.F32, Shape.of(40, 300));
            for (long i = 0; i < 12_000; i++) {
                ones.set(i, 1);
            }
            state.write("x", ones);
            assertThat(plan.isRandom()).isTrue();
            plan.setRandom(5, 1);
            plan.run();
            HostTensor first = plan.read("y");
            assertThat(plan.read("dx").memory().mismatch(first.memory())).isEqualTo(-1);
            assertThat(plan.read("other").memory().mismatch(first.memory())).isNotEqualTo(-1);
            double sum = 0;
            for (long i = 0; i < 12_000; i++) {
                assertThat(first.get(i)).isIn(0.0, (double) (float) (1 / 0.75));
                sum += first.get(i);
            }
            // Four standard deviations of the mean of 12,000 such numbers.
            assertThat(sum / 12_000).isBetween(0.979, 1.021);
            plan.setRandom(5, 2);
            plan.run();
            assertThat(plan.read("y").memory().mismatch(first.memory())).isNotEqualTo(-1);
            plan.setRandom(5, 1);
            plan.run();
            assertThat(plan.read("y").memory().mismatch(first.memory())).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void indicesOutOfRangeGiveNoNumberAndPaddingGetsNoGradient(String id) {
        GraphBuilder g = new GraphBuilder("indices");
        Value table = g.input("table", DType.F32, Shape.of(4, 3));
        Value ids = g.input("ids", DType.I32, Shape.of(2, 3));
        Value rows = g.embedding(table, ids, 2);
        g.output("rows", rows);
        g.output("hot", g.oneHot(ids, 4));
        g.output("dtable", Gradients.of(g, g.reduceSum(g.take(table, 0, g.slice(ids, 0, 0, 1)), false), List.of(table)).getFirst());
        g.output("dpadded", Gradients.of(g, g.reduceSum(g.embedding(table, g.slice(ids, 0, 0, 1), 2), false), List.of(table)).getFirst());
        g.output("picked", g.gather(table, 1, g.input("places", DType.I32, Shape.of(4, 2))));
        g.output("sums", g.cumsum(table, 0, true, true));
        HostTensor places = HostTensor.of(Shape.of(4, 2), 0, 2, 1, 1, 2, 0, 0, 0);
        Map<String, HostTensor> out = run(id, g, Map.of("table", counted(DType.F32, 4, 3), "ids",
                HostTensor.of(Shape.of(2, 3), 2, 0, 2, 3, 4, -1), "places", places),
                List.of("rows", "hot", "dtable", "dpadded", "picked", "sums"));
        assertThat(out.get("rows").get(0)).isEqualTo(6);
        assertThat(out.get("rows").get(3 * 3 + 2)).isEqualTo(11);
        assertThat(out.get("rows").get(4 * 3)).isNaN();
        assertThat(out.get("rows").get(5 * 3 + 2)).isNaN();
        assertThat(out.get("hot").toFloats()).startsWith(0, 0, 1, 0, 1, 0, 0, 0).endsWith(0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(out.get("dtable").toFloats()).containsExactly(1, 1, 1, 0, 0, 0, 2, 2, 2, 0, 0, 0);
        assertThat(out.get("dpadded").toFloats()).containsExactly(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(out.get("picked").toFloats()).containsExactly(0, 2, 4, 4, 8, 6, 9, 9);
        assertThat(out.get("sums").toFloats()).containsExactly(18, 21, 24, 15, 17, 19, 9, 10, 11, 0, 0, 0);
    }

    @Test
    void whatCannotBeIsRefusedWithShapesAndRule() {
        GraphBuilder g = new GraphBuilder("errors");
        Value x = g.input("x", DType.F32, Shape.of(4, 6));
        assertThatThrownBy(() -> g.slice(x, 1, 4, 4)).isInstanceOf(GraphException.class)
                .hasMessageContaining("[4, 6], axis 1: 4:4:1 holds nothing");
        assertThatThrownBy(() -> g.concat(1, x, g.input("z", DType.F32, Shape.of(3, 6)))).isInstanceOf(GraphException.class)
                .hasMessageContaining("operand 1 F32[3, 6]: they must be equal but for axis 1");
        assertThatThrownBy(() -> g.pad(x, List.of(1), List.of(1), 0)).isInstanceOf(GraphException.class)
                .hasMessageContaining("two numbers for each axis");
        assertThatThrownBy(() -> g.dropout(x, 1.5)).isInstanceOf(GraphException.class).hasMessageContaining("p is 1.5");
        assertThatThrownBy(() -> g.cast(x, DType.I64)).isInstanceOf(GraphException.class).hasMessageContaining("I64");
        assertThatThrownBy(() -> g.split(x, 0, 1, 2)).isInstanceOf(GraphException.class).hasMessageContaining("do not add up to 4");
    }
}
