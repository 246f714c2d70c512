package dev.quern.user;

import static dev.quern.layers.nn.BatchNorm.batchNorm1d;
import static dev.quern.layers.nn.BatchNorm.batchNorm2d;
import static dev.quern.layers.nn.Sequential.member;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.expr.Expressions;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Branches;
import dev.quern.layers.nn.Conv1d;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.ConvTranspose2d;
import dev.quern.layers.nn.GroupNorm;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerNorm;
import dev.quern.layers.nn.LocalResponseNorm;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.nn.Residual;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.nn.Upsample;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Layers of networks for pictures. */
class VisionLayersTest {
    private static LayerContext context(boolean training) {
        return LayerContext.root(new GraphBuilder("layers"), training);
    }

    private static Value input(LayerContext context, int... extents) {
        return context.graph().input("x", DType.F32, Shape.of(extents));
    }

    private static Shape shape(Layer layer, int... extents) {
        LayerContext context = context(true);
        return layer.build(context, input(context, extents)).shape();
    }

    private static List<String> paths(Layer layer, int... extents) {
        LayerContext context = context(true);
        layer.build(context, input(context, extents));
        return context.parameters().stream().map(ParameterSpec::path).toList();
    }

    /** What a layer without parameters gives for x = 0, 1, 2, ... */
    private static HostTensor ramp(Layer layer, int... extents) {
        LayerContext context = context(true);
        Value y = layer.build(context, input(context, extents));
        context.graph().output("y", y);
        HostTensor x = HostTensor.zeros(DType.F32, Shape.of(extents));
        for (int i = 0; i < x.shape().elements(); i++) {
            x.set(i, i);
        }
        Device device = TestDevices.shared("host");
        try (State state = State.create(device);
                Plan plan = Compiler.compile(context.graph().build(), device, state, CompileOptions.defaults())) {
            plan.set("x", x);
            plan.run();
            HostTensor result = HostTensor.zeros(DType.F32, y.shape());
            plan.read("y", result);
            return result;
        }
    }

    @Test
    void adaptivePoolingAveragesPyTorchsWindows() {
        for (int[] size : new int[][] {{1, 1}, {3, 5}, {2, 3}, {4, 7}, {6, 10}, {8, 12}}) {
            HostTensor y = ramp(AdaptiveAvgPool2d.of(size[0], size[1]), 2, 1, 6, 10);
            assertThat(y.shape()).isEqualTo(Shape.of(2, 1, size[0], size[1]));
            int next = 0;
            for (int n = 0; n < 2; n++) {
                for (int i = 0; i < size[0]; i++) {
                    for (int j = 0; j < size[1]; j++) {
                        assertThat(y.get(next++)).isCloseTo(60 * n + 10 * middle(i, 6, size[0]) + middle(j, 10, size[1]), within(1e-3));
                    }
                }
            }
        }
    }

    /** The mean of the places of a window: of floor(i * extent / places) to ceil((i + 1) * extent / places) - 1. */
    private static double middle(int i, int extent, int places) {
        return (Math.floor((double) i * extent / places) + Math.ceil((i + 1.0) * extent / places) - 1) / 2;
    }

    @Test
    void upsamplingMakesSquaresOfPixels() {
        HostTensor y = ramp(Upsample.nearest(2), 1, 2, 1, 2);
        assertThat(y.shape()).isEqualTo(Shape.of(1, 2, 2, 4));
        double[] expected = {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3};
        for (int i = 0; i < expected.length; i++) {
            assertThat(y.get(i)).isEqualTo(expected[i]);
        }
    }

    @Test
    void convolutionsHavePyTorchsShapes() {
        assertThat(shape(ConvTranspose2d.of(8, 6, 4).stride(2).padding(1).groups(2), 3, 8, 7, 7)).isEqualTo(Shape.of(3, 6, 14, 14));
        assertThat(shape(ConvTranspose2d.of(8, 6, 3).stride(2).outputPadding(1).withoutBias(), 3, 8, 7, 7)).isEqualTo(Shape.of(3, 6, 16, 16));
        assertThat(shape(Conv1d.of(4, 6, 3).stride(2).padding(2).dilation(2).groups(2), 3, 4, 15)).isEqualTo(Shape.of(3, 6, 8));
        assertThat(shape(Conv2d.of(8, 16, 3).groups(8).padding(1), 2, 8, 5, 5)).as("depthwise").isEqualTo(Shape.of(2, 16, 5, 5));
        assertThat(paths(ConvTranspose2d.of(8, 6, 3), 1, 8, 4, 4)).containsExactly("weight", "bias");
    }

    @Test
    void batchNormKeepsStatisticsThatAreNotTrained() {
        LayerContext context = context(true);
        batchNorm2d(4).build(context, input(context, 2, 4, 3, 3));
        assertThat(context.parameters()).extracting(ParameterSpec::path).containsExactly("weight", "bias", "running_mean", "running_var");
        assertThat(context.parameters()).extracting(ParameterSpec::trained).containsExactly(true, true, false, false);
        assertThat(context.parameters().get(3).initial(1).get(2)).isEqualTo(1);
        assertThat(context.parameterCount()).isEqualTo(8);
        assertThat(paths(batchNorm1d(4).withoutAffine(), 2, 4)).containsExactly("running_mean", "running_var");
    }

    @Test
    void residualsAndBranchesHaveTorchvisionsPaths() {
        assertThat(paths(Blocks.residual(4, 8, 2), 1, 4, 6, 6)).containsExactly("conv1.weight", "bn1.weight", "bn1.bias",
                "bn1.running_mean", "bn1.running_var", "conv2.weight", "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var",
                "downsample.0.weight", "downsample.1.weight", "downsample.1.bias", "downsample.1.running_mean", "downsample.1.running_var");
        assertThat(shape(Blocks.residual(4, 8, 2), 1, 4, 7, 7)).isEqualTo(Shape.of(1, 8, 4, 4));
        assertThat(paths(Blocks.bottleneck(8, 8, 1), 1, 8, 6, 6)).contains("conv3.weight").doesNotContain("downsample.0.weight");
        assertThat(shape(Blocks.inception(16, 4, 3, 5, 2, 6, 7), 2, 16, 8, 8)).isEqualTo(Shape.of(2, 4 + 5 + 6 + 7, 8, 8));
        assertThat(paths(Blocks.inception(16, 4, 3, 5, 2, 6, 7), 1, 16, 4, 4)).contains("branch1.conv.weight", "branch1.bn.running_var",
                "branch2.0.conv.weight", "branch2.1.bn.weight", "branch3.1.conv.weight", "branch4.1.conv.weight")
                .doesNotContain("branch1.conv.bias");
    }

    @Test
    void aSumAndItsActivationFollowTheBody() {
        HostTensor y = ramp(Residual.of(Activation.of("negative", Expressions.neg(
                Expressions.input(0)))), 1, 1, 2, 2);
        assertThat(y.get(3)).as("x + (-x)").isZero();
        assertThat(ramp(Residual.of(Activation.relu()).then(Activation.of("less three", Expressions.sub(
                Expressions.input(0), Expressions.constant(3)))), 1, 1, 2, 2).get(2))
                .as("2 + 2 - 3").isEqualTo(1);
    }

    @Test
    void blocksJoinIntoOneChainWithRunningNumbers() {
        Sequential chain = Sequential.joined(Blocks.vgg(2, 3, 8, true), Blocks.vgg(1, 8, 16, false));
        assertThat(paths(chain, 1, 3, 8, 8)).filteredOn(path -> path.endsWith("weight"))
                .containsExactly("0.weight", "1.weight", "3.weight", "4.weight", "7.weight");
        assertThat(shape(chain, 1, 3, 8, 8)).isEqualTo(Shape.of(1, 16, 2, 2));
        assertThat(shape(Blocks.nin(Conv2d.of(3, 8, 5).padding(2), 6, 4), 1, 3, 8, 8)).isEqualTo(Shape.of(1, 4, 8, 8));
    }

    @Test
    void whatDoesNotFitIsSaidWithTheLayerAndItsLine() {
        assertThatThrownBy(() -> shape(batchNorm2d(4), 2, 4)).isInstanceOf(QuernException.class)
                .hasMessageContainingAll("VisionLayersTest.java", "BatchNorm2d(4)", "[2, 4], expected [N, 4, H, W]");
        assertThatThrownBy(() -> shape(batchNorm1d(4), 1, 4)).hasMessageContaining("larger batch");
        assertThatThrownBy(() -> shape(LayerNorm.of(5, 6), 2, 5, 5)).hasMessageContaining("expected last axes [5, 6]");
        assertThatThrownBy(() -> shape(GroupNorm.of(2, 4), 2, 6, 3)).hasMessageContaining("expected [N, 4, ...]");
        assertThatThrownBy(() -> GroupNorm.of(3, 4)).hasMessageContaining("groups must divide");
        assertThatThrownBy(() -> LocalResponseNorm.of(0)).hasMessageContaining("at least one channel");
        assertThatThrownBy(() -> shape(LocalResponseNorm.of(3), 2, 6)).hasMessageContaining("expected [N, C, L]");
        assertThatThrownBy(() -> shape(AdaptiveAvgPool2d.of(2), 2, 6, 3)).hasMessageContaining("expected [N, C, H, W]");
        assertThatThrownBy(() -> AdaptiveAvgPool2d.of(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> Upsample.nearest(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> shape(Conv1d.of(4, 4, 3), 2, 5, 9)).hasMessageContaining("expected [N, 4, L]");
        assertThatThrownBy(() -> shape(ConvTranspose2d.of(4, 4, 3), 2, 5, 9, 9)).hasMessageContaining("expected [N, 4, H, W]");
        assertThatThrownBy(() -> shape(Residual.of(Conv2d.of(4, 6, 1)), 1, 4, 3, 3)).hasMessageContainingAll("[1, 6, 3, 3]", "shortcut");
        assertThatThrownBy(() -> Branches.of(member("a", Upsample.nearest(1)), member("a", Upsample.nearest(1))))
                .hasMessageContaining("'a' is used twice in a Branches");
        assertThatThrownBy(() -> shape(Branches.of(member("a", Upsample.nearest(1)), member("b", Upsample.nearest(2))), 1, 4, 3, 3))
                .hasMessageContaining("Branches(2)");
        assertThatThrownBy(() -> member("a.b", Upsample.nearest(1))).hasMessageContaining("no dots");
    }
}
