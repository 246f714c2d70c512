package dev.quern.graph.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.ReferenceCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reductions that share a launch. */
class ReductionGroupsTest {
    /** Mean and mean of squares of one tensor, and the mean of another. */
    private static Graph moments() {
        GraphBuilder g = new GraphBuilder("moments");
        Value x = g.parameter("x", DType.F32, Shape.of(30, 40));
        g.output("mean", g.reduceMean(x, false, 0));
        g.output("squares", g.reduceMean(g.square(x), false, 0));
        g.output("other", g.reduceMean(g.parameter("z", DType.F32, Shape.of(30, 40)), false, 0));
        return g.build();
    }

    private static String explain(Graph graph, CompileOptions options) {
        return Compiler.blueprint(graph, TestDevices.shared("host").info(), options).explain();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void reductionsOfOneShapeOverTheSameAxesShareALaunch(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = moments();
        String text = Compiler.blueprint(graph, device.info(), CompileOptions.defaults()).explain();
        assertThat(text).contains("fused reduce_mean_2 into the launch of reduce_mean: one shape, the same axes, and neither depends on the other")
                .contains("reduce mean f32 r30.k40 of 3 tensors").contains("of x1 as square(x0)").contains(" in 1 regions");
        ReferenceCheck.assertLikeReference(graph, device, CompileOptions.defaults().withGuarded(true), 1e-5);
        ReferenceCheck.assertLikeReference(graph, device, CompileOptions.defaults().withFusion(false), 1e-5);
    }

    @Test
    void whatIsToStayApartHasALaunchOfItsOwn() {
        assertThat(explain(moments(), CompileOptions.defaults().withApart(Set.of("reduce_mean_2"))))
                .contains("refused reduce_mean_2 into the launch of reduce_mean: it is to stay apart");
    }

    @Test
    void oneThatNeedsTheOtherRunsBehindIt() {
        GraphBuilder g = new GraphBuilder("dependent");
        Value x = g.parameter("x", DType.F32, Shape.of(30, 40));
        Value centred = g.sub(x, g.reduceMean(x, false, 0));
        g.output("centred", centred);
        g.output("moment", g.reduceMean(g.mul(centred, g.square(centred)), false, 0));
        assertThat(explain(g.build(), CompileOptions.defaults()))
                .contains("into the launch of reduce_mean: one needs what the other gives, or what follows from it");
    }

    /** Each pair could share a launch, but not both: either would have to run before the other. */
    @Test
    void twoGroupsNeverWaitForEachOther() {
        GraphBuilder g = new GraphBuilder("crossed");
        Value x = g.parameter("x", DType.F32, Shape.of(30, 40));
        Value y = g.parameter("y", DType.F32, Shape.of(40, 30));
        Value rowsOfX = g.reduceSum(x, false, 0);
        Value rowsOfY = g.reduceSum(y, false, 0);
        // A second sum of y's kind follows from x's, and one of x's kind from y's.
        g.output("a", g.reduceSum(g.matmul(g.reshape(rowsOfX, Shape.of(40, 1)), g.parameter("u", DType.F32, Shape.of(1, 30))), false, 0));
        g.output("b", g.reduceSum(g.matmul(g.reshape(rowsOfY, Shape.of(30, 1)), g.parameter("v", DType.F32, Shape.of(1, 40))), false, 0));
        assertThat(explain(g.build(), CompileOptions.defaults())).contains("fused reduce_sum_3 into the launch of reduce_sum_2")
                .contains("refused reduce_sum_4 into the launch of reduce_sum: one needs");
        ReferenceCheck.assertLikeReference(g.build(), TestDevices.shared("host"), CompileOptions.defaults().withGuarded(true), 1e-4);
    }
}
