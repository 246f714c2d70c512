package dev.quern.graph.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlanCacheTest {
    private final List<Integer> built = new ArrayList<>();

    /** A product with one weight matrix, for any number of rows but 13. */
    private Graph graph(SortedMap<String, Shape> shapes) {
        Shape shape = shapes.get("x");
        built.add(shape.extent(0));
        if (shape.extent(0) == 13) {
            throw new QuernException("13 rows bring bad luck");
        }
        GraphBuilder graph = new GraphBuilder("rows" + shape.extent(0));
        Value x = graph.input("x", DType.F32, shape);
        Value w = graph.parameter("w", DType.F32, Shape.of(3, 2));
        graph.output("y", graph.relu(graph.matmul(x, w)));
        return graph.build();
    }

    private static Map<String, Shape> rows(int rows) {
        return Map.of("x", Shape.of(rows, 3));
    }

    private static void requireProduct(Plan plan, int rows, float weight) {
        HostTensor x = HostTensor.zeros(DType.F32, Shape.of(rows, 3));
        for (int i = 0; i < 3 * rows; i++) {
            x.set(i, i);
        }
        plan.set("x", x);
        plan.run();
        float[] y = plan.read("y").toFloats();
        assertThat(y).hasSize(2 * rows);
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isEqualTo(weight * (9 * (i / 2) + 3));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void plansAreCompiledOnceShareTheStateAndGoWhenOthersAreUsed(String id) {
        Device device = TestDevices.shared(id);
        long before = device.statistics().liveBytes();
        try (State state = State.create(device);
                PlanCache cache = new PlanCache(2, device, state, CompileOptions.defaults(), this::graph)) {
            state.declare("w", new TensorType(DType.F32, Shape.of(3, 2)));
            state.write("w", HostTensor.of(Shape.of(3, 2), 1f, 1f, 1f, 1f, 1f, 1f));
            Plan four = cache.plan(rows(4));
            Plan seven = cache.plan(rows(7));
            requireProduct(four, 4, 1);
            requireProduct(seven, 7, 1);
            assertThat(cache.plan(rows(4))).isSameAs(four);
            long two = device.statistics().liveBytes();
            assertThat(built).containsExactly(4, 7);

            state.write("w", HostTensor.of(Shape.of(3, 2), 2f, 2f, 2f, 2f, 2f, 2f));
            requireProduct(cache.plan(rows(1)), 1, 2);
            assertThat(cache.size()).isEqualTo(2);
            assertThatThrownBy(seven::run).as("used longest ago").isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            requireProduct(four, 4, 2);
            assertThat(device.statistics().liveBytes()).isLessThanOrEqualTo(two);
            requireProduct(cache.plan(rows(7)), 7, 2);
            assertThat(built).containsExactly(4, 7, 1, 7);

            for (int rows = 20; rows < 30; rows++) {
                requireProduct(cache.plan(rows(rows)), rows, 2);
            }
            assertThat(cache.size()).isEqualTo(2);
        }
        assertThat(device.statistics().liveBytes()).as("bytes in use after closing").isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatCannotBeBuiltLeavesTheOthersOpen(String id) {
        Device device = TestDevices.shared(id);
        try (State state = State.create(device)) {
            PlanCache cache = new PlanCache(1, device, state, CompileOptions.defaults(), this::graph);
            Plan four = cache.plan(rows(4));
            assertThatThrownBy(() -> cache.plan(rows(13))).isInstanceOf(QuernException.class).hasMessageContaining("bad luck");
            assertThat(cache.plan(rows(4))).isSameAs(four);
            cache.close();
            cache.close();
            assertThatThrownBy(() -> cache.plan(rows(4))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(four::run).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> new PlanCache(0, device, state, CompileOptions.defaults(), this::graph))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not 0");
        }
    }
}
