package dev.quern.graph.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.fuzz.GraphGrower;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.pass.Pipeline;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.tune.Tuning;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No kernel takes more than fusion allows, and what should share a launch does. */
class FusionLimitsTest {
    private static final int GRAPHS = 60;

    private static List<Region> regions(Graph graph) {
        DeviceInfo device = TestDevices.shared("host").info();
        Graph rewritten = Pipeline.standard().run(graph, (_, _) -> { });
        return Fuser.fuse(rewritten, new Selector(Families.load(), device, Pins.none(), Tuning.of(device)), true, Set.of()).regions();
    }

    private static void assertWithinLimits(Region region) {
        Epilogue epilogue = region.epilogue();
        assertThat(epilogue.operands().size()).as(region.name()).isLessThanOrEqualTo(Profit.EPILOGUE_OPERANDS);
        assertThat(epilogue.kept().size()).as(region.name()).isLessThanOrEqualTo(Profit.EPILOGUE_KEPT);
        assertThat(region.kept()).hasSize(epilogue.kept().size());
        for (Expr result : epilogue.results()) {
            assertThat(ExprForm.treeSize(result, Profit.KERNEL_SIZE)).as(region.name()).isLessThan(Profit.EXPRESSION_SIZE);
        }
        if (region.work().problem() instanceof PointwiseProblem problem) {
            int most = region.name().startsWith("update") ? Profit.UPDATE_ARGUMENTS : Profit.KERNEL_ARGUMENTS;
            assertThat(problem.operands().size()).as(region.name()).isLessThanOrEqualTo(most);
            for (PointwiseProblem.Part part : problem.parts()) {
                for (Expr result : part.results()) {
                    assertThat(ExprForm.treeSize(result, Profit.KERNEL_SIZE)).as(region.name())
                            .isLessThanOrEqualTo(Profit.EXPRESSION_SIZE);
                }
            }
        }
    }

    @Test
    void randomGraphsStayWithinTheLimits() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            regions(GraphGrower.grow("limits" + seed, Choices.random(seed, seed), false).graph()).forEach(FusionLimitsTest::assertWithinLimits);
        }
    }

    @Test
    void aSumOfManyTensorsIsCutWhereAKernelWouldTakeTooMany() {
        GraphBuilder g = new GraphBuilder("wide");
        Value sum = g.input("x", DType.F32, Shape.of(300, 400));
        for (int i = 0; i < 100; i++) {
            sum = g.add(sum, g.tanh(g.input("x" + i, DType.F32, Shape.of(300, 400))));
        }
        g.output("y", sum);
        List<Region> regions = regions(g.build());
        regions.forEach(FusionLimitsTest::assertWithinLimits);
        assertThat(regions).hasSizeBetween(4, 6);
        assertThat(Compiler.blueprint(g.build(), TestDevices.shared("host").info(), CompileOptions.defaults()).explain())
                .contains("the expression would grow past 256 terms or read too many tensors");
    }

    /** Momentum, weight decay and the new value of sixty tensors: each tensor's part takes three inputs and two outputs, and a rate. */
    @Test
    void theUpdatesOfManyTensorsAreAFewLaunches() {
        GraphBuilder g = new GraphBuilder("updates");
        List<Value> parameters = new ArrayList<>();
        Value loss = g.constant(0);
        for (int i = 0; i < 60; i++) {
            Value w = g.parameter("w" + i, DType.F32, Shape.of(10 + i, 7));
            parameters.add(w);
            loss = g.add(loss, g.reduceSum(g.square(w), false));
        }
        List<Value> gradients = Gradients.of(g, loss, parameters);
        for (int i = 0; i < parameters.size(); i++) {
            Value w = parameters.get(i);
            Value moment = g.state("moment" + i, DType.F32, w.shape());
            Value next = g.add(g.mul(moment, g.constant(0.9)), gradients.get(i));
            g.assign(moment, next);
            g.assign(w, g.sub(w, g.mul(g.stepScalar("rate"), next)));
        }
        g.output("loss", loss);
        List<Region> regions = regions(g.build());
        regions.forEach(FusionLimitsTest::assertWithinLimits);
        assertThat(regions.stream().filter(region -> region.name().startsWith("update"))).hasSizeBetween(2, 4);
    }

    @Test
    void crossEntropyAndItsGradientAreOneLaunch() {
        GraphBuilder g = new GraphBuilder("loss");
        Value x = g.parameter("x", DType.F32, Shape.of(16, 10));
        Value loss = g.softmaxCrossEntropy(x, g.input("labels", DType.I32, Shape.of(16)), 0);
        g.output("loss", loss);
        g.output("dx", Gradients.of(g, loss, List.of(x)).getFirst());
        assertThat(regions(g.build())).singleElement().satisfies(region -> assertThat(region.writes()).hasSize(2));
    }
}
