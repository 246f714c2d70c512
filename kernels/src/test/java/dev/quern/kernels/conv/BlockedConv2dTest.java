package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forward rungs that block over channels, on what their blocks, bands and tiles leave over. */
class BlockedConv2dTest {
    private static KernelCheck<Conv2dForwardProblem> forward(List<Conv2dGeometry> geometries, String... rungs) {
        return ConvRungs.only(new Conv2dForwardFamily(), Conv2dForwardProblem::new, geometries, rungs);
    }

    private static KernelCheck<Conv2dBackwardDataProblem> backwardData(List<Conv2dGeometry> geometries, String... rungs) {
        return ConvRungs.only(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, geometries, rungs);
    }

    private static Conv2dGeometry pointwise(int n, int c, int h, int w, int k, int stride) {
        return Conv2dGeometry.of(Shape.of(n, c, h, w), Shape.of(k, c, 1, 1), stride, stride, 0, 0, 0, 0, 1, 1, 1);
    }

    private static Conv2dGeometry three(int n, int c, int h, int w, int k, int top, int bottom, int left, int right) {
        return Conv2dGeometry.of(Shape.of(n, c, h, w), Shape.of(k, c, 3, 3), 1, 1, top, bottom, left, right, 1, 1, 1);
    }

    @Test
    void whatBlocksAndTilesLeaveOver() {
        forward(List.of(
                // 1x1: pixels that are no multiple of a block, fewer than a block, a stride, padding.
                pointwise(2, 5, 9, 9, 40, 1), pointwise(1, 200, 3, 2, 70, 1), pointwise(2, 7, 9, 11, 33, 2),
                Conv2dGeometry.of(Shape.of(1, 3, 4, 5), Shape.of(32, 3, 1, 1), 1, 2, 1, 0, 0, 2, 1, 1, 1), pointwise(1, 3, 5, 75, 33, 2),
                // Rows shorter than a block; input channels in several chunks; one vector of channels; whole images in place.
                three(3, 64, 7, 7, 40, 1, 1, 1, 1), three(1, 20, 13, 29, 16, 0, 0, 0, 0),
                // Tiles cut off on both sides, padding on single sides, images smaller than a tile.
                three(2, 17, 10, 7, 33, 0, 2, 1, 0), three(2, 3, 1, 2, 5, 2, 2, 5, 2),
                // Weights that do not stay in the cache: pixels are transformed beforehand.
                three(1, 272, 6, 5, 140, 1, 1, 1, 1),
                // Groups, of which a block of channels does not see the next one's.
                Conv2dGeometry.of(Shape.of(2, 6, 8, 15), Shape.of(60, 3, 3, 2), 2, 1, 1, 1, 0, 1, 1, 2, 2)), ConvRungs.BLOCKED)
                .run(TestDevices.shared("opencl:0"));
    }

    /** From addresses that begin no line. */
    @Test
    void outputsOfManyMegabytesPassTheCaches() {
        forward(List.of(pointwise(1, 1, 263, 257, 32, 1)), "direct_blocked").run(TestDevices.shared("opencl:0"));
        forward(List.of(three(1, 1, 257, 263, 32, 1, 1, 1, 1)), "winograd_f4x4_3x3").run(TestDevices.shared("opencl:0"));
    }

    @Test
    void turnedFiltersGiveTheGradientOfTheInput() {
        backwardData(List.of(pointwise(2, 40, 9, 9, 21, 1), pointwise(1, 37, 5, 6, 150, 1), three(2, 33, 10, 7, 17, 0, 2, 1, 0),
                three(1, 16, 13, 29, 20, 1, 1, 1, 1),
                // Taps that differ from their reverse along both axes, dilation, groups of uneven channels.
                Conv2dGeometry.of(Shape.of(2, 36, 8, 15), Shape.of(10, 18, 4, 2), 1, 1, 1, 3, 0, 1, 2, 3, 2)), ConvRungs.BLOCKED)
                .run(TestDevices.shared("opencl:0"));
    }

    @Test
    void epiloguesRideOnTheTransformOfOutputs() {
        List<Conv2dGeometry> small = Collections.nCopies(4, three(2, 5, 6, 7, 17, 1, 1, 1, 1));
        forward(small, "winograd_f4x4_3x3").epilogues().run(TestDevices.shared("opencl:0"));
        backwardData(small, "direct_blocked").epilogues().run(TestDevices.shared("opencl:0"));
    }

    /** N,C,H,W -> K,R,stride as measured: what is chosen is what was quickest, or within a tenth of it. */
    @ParameterizedTest
    @CsvSource({
        "8, 64, 56, 64, 3, 1, winograd_f4x4_3x3", "8, 128, 28, 128, 3, 1, winograd_f4x4_3x3",
        "8, 256, 14, 256, 3, 1, winograd_f4x4_3x3", "8, 512, 7, 512, 3, 1, winograd_f2x2_3x3", "32, 512, 2, 512, 3, 1, winograd_f2x2_3x3",
        "8, 3, 224, 64, 7, 2, direct_blocked", "8, 256, 14, 1024, 1, 1, direct_blocked", "4, 256, 56, 512, 1, 2, direct_blocked",
        "64, 1, 28, 6, 5, 1, direct_cpu", "64, 6, 14, 16, 5, 1, direct_cpu"})
    void choosesWhatWasMeasuredToBeQuickest(int n, int c, int size, int k, int r, int stride, String expected) {
        Device device = TestDevices.shared("opencl:0");
        assumeTrue(device.info().vectorBytes() == 64, "measured with 64-byte vectors");
        Conv2dGeometry g = Conv2dGeometry.of(Shape.of(n, c, size, size), Shape.of(k, c, r, r), stride, stride, r / 2, r / 2,
                r / 2, r / 2, 1, 1, 1);
        assertThat(new Selector(Families.load(), device.info(), Pins.none())
                .choose("conv", new Conv2dForwardProblem(g), Epilogue.none()).variant().name()).isEqualTo(expected);
    }

    /** The same for the gradient of the input. */
    @ParameterizedTest
    @CsvSource({
        "8, 64, 56, 64, 3, 1, winograd_f4x4_3x3", "8, 256, 14, 256, 3, 1, winograd_f4x4_3x3",
        "32, 512, 2, 512, 3, 1, winograd_f2x2_3x3", "8, 256, 14, 1024, 1, 1, direct_blocked", "8, 64, 56, 256, 1, 1, direct_blocked", "4, 256, 56, 512, 1, 2, input_lanes_cpu",
        "64, 6, 14, 16, 5, 1, direct_cpu"})
    void choosesWhatWasMeasuredToBeQuickestForTheInputsGradient(int n, int c, int size, int k, int r, int stride, String expected) {
        Device device = TestDevices.shared("opencl:0");
        assumeTrue(device.info().vectorBytes() == 64, "measured with 64-byte vectors");
        Conv2dGeometry g = Conv2dGeometry.of(Shape.of(n, c, size, size), Shape.of(k, c, r, r), stride, stride, r / 2, r / 2,
                r / 2, r / 2, 1, 1, 1);
        assertThat(new Selector(Families.load(), device.info(), Pins.none())
                .choose("conv", new Conv2dBackwardDataProblem(g), Epilogue.none()).variant().name()).isEqualTo(expected);
    }

    @Test
    @Tag("oclgrind")
    void simulatedKernelsStayInBoundsAndDoNotRace() {
        forward(List.of(pointwise(1, 3, 3, 5, 17, 1), pointwise(1, 2, 5, 4, 16, 2), three(2, 2, 5, 6, 17, 1, 0, 0, 1),
                Conv2dGeometry.of(Shape.of(1, 4, 6, 5), Shape.of(6, 2, 2, 3), 1, 2, 0, 1, 1, 0, 2, 1, 2)), ConvRungs.BLOCKED)
                .run(Sanitizer.device());
        backwardData(List.of(pointwise(1, 17, 3, 5, 18, 1), three(2, 17, 5, 6, 2, 1, 0, 0, 1),
                Conv2dGeometry.of(Shape.of(1, 4, 6, 5), Shape.of(6, 2, 2, 3), 1, 1, 0, 1, 1, 0, 2, 1, 2)), ConvRungs.BLOCKED)
                .run(Sanitizer.device());
    }
}
