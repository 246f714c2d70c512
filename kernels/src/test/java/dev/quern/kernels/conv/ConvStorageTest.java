package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rung of every pass on operands stored in F16 and BF16, against the reference, which reads and rounds the same bits. */
class ConvStorageTest {
    /** Depthwise for the rungs that know nothing else; a 3x3 filter for Winograd's; strides and groups. */
    private static final List<Conv2dGeometry> GEOMETRIES = List.of(
            Conv2dGeometry.plain(Shape.of(2, 5, 6, 7), Shape.of(17, 5, 3, 3), 1, 1),
            Conv2dGeometry.of(Shape.of(2, 6, 10, 10), Shape.of(6, 1, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 6),
            Conv2dGeometry.of(Shape.of(2, 4, 11, 11), Shape.of(6, 2, 3, 3), 2, 2, 0, 0, 0, 0, 1, 1, 2));

    private interface Stored<P> {
        P of(Conv2dGeometry geometry, DType first, DType second, DType result);
    }

    private static <P extends Problem> void check(KernelFamily<P> family, Stored<P> problem, List<Conv2dGeometry> geometries, Device device) {
        KernelCheck.of(family).problems(geometries.stream().map(g -> problem.of(g, DType.BF16, DType.BF16, DType.BF16)).toList())
                .run(device);
        KernelCheck.of(family).problems(List.of(problem.of(geometries.getFirst(), DType.F16, DType.F16, DType.F16),
                problem.of(geometries.getFirst(), DType.F32, DType.F16, DType.F32))).partial().epilogues().run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyRungTakesEveryStorageType(String id) {
        Device device = TestDevices.shared(id);
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, GEOMETRIES, device);
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, GEOMETRIES, device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, GEOMETRIES, device);
    }

    @Test
    @Tag("oclgrind")
    void simulatedConversionsStayInBounds() {
        Conv2dGeometry small = Conv2dGeometry.plain(Shape.of(1, 2, 3, 4), Shape.of(3, 2, 2, 2), 0, 0);
        KernelCheck.of(new Conv2dForwardFamily()).problems(List.of(new Conv2dForwardProblem(small, DType.F16, DType.BF16, DType.F16)))
                .only("naive").run(Sanitizer.device());
    }

    @Test
    void operandsAreConvertedBeforeAPassAndResultsBehindIt() {
        Conv2dForwardProblem problem = new Conv2dForwardProblem(Conv2dGeometry.plain(Shape.of(2, 32, 14, 14), Shape.of(32, 32, 5, 5), 2, 2),
                DType.F16, DType.F16, DType.BF16);
        Device device = TestDevices.shared("opencl:0");
        Variant<Conv2dForwardProblem> blocked = new Conv2dForwardFamily().variants().stream()
                .filter(variant -> variant.name().equals("direct_blocked")).findFirst().orElseThrow();
        KernelPlan plan = blocked.plan(problem, device.info(), blocked.parameters(problem, device.info()), Epilogue.none());
        assertThat(plan.launches().stream().map(PlannedLaunch::role).toList())
                .containsExactly("convert x", "convert filter", "pack filter", "convolve", "convert y");
    }

    @Test
    void otherTypesAreRefused() {
        Conv2dGeometry geometry = GEOMETRIES.getFirst();
        assertThatThrownBy(() -> new Conv2dForwardProblem(geometry, DType.U8, DType.F32, DType.F32)).isInstanceOf(QuernException.class)
                .hasMessage("convolution of input [2, 5, 6, 7] and filter [17, 5, 3, 3] with an operand of U8: only F32, F16 and BF16 "
                        + "are convolved, convert first");
        assertThat(new Conv2dForwardProblem(geometry, DType.F32, DType.F16, DType.F32).key()).endsWith("-g1 f32 filter=F16");
    }
}
