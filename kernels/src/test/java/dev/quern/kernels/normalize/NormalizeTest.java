package dev.quern.kernels.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.Operand;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of normalisation against the references. */
class NormalizeTest {
    private static final float EPSILON = 1e-5f;
    private static final LocalResponse ALEXNET = new LocalResponse(5, 1e-2f, 0.75f, 2);

    private static BatchNormProblem batch(DType dtype, int batch, int channels, int inner, Affine affine, boolean running) {
        return new BatchNormProblem(dtype, batch, channels, inner, EPSILON, 0.1f, affine, running);
    }

    private static BatchNormBackwardProblem gradientOf(BatchNormProblem p) {
        return new BatchNormBackwardProblem(p.dtype(), p.batch(), p.channels(), p.inner(), p.affine());
    }

    private static GroupNormProblem group(DType dtype, int batch, int groups, int channels, int inner, boolean centred,
            Affine affine) {
        return new GroupNormProblem(dtype, batch, groups, channels, inner, EPSILON, centred, affine);
    }

    private static GroupNormBackwardProblem gradientOf(GroupNormProblem p) {
        return new GroupNormBackwardProblem(p.dtype(), p.batch(), p.groups(), p.channels(), p.inner(), p.centred(), p.affine());
    }

    private static LocalResponseNormBackwardProblem gradientOf(LocalResponseNormProblem p) {
        return new LocalResponseNormBackwardProblem(p.dtype(), p.batch(), p.channels(), p.inner(), p.response());
    }

    /** Pixels and none, whole vectors, tails and vectors of several channels, many channels and few that the cores share, long channels in pieces. */
    private static List<BatchNormProblem> batchNorms() {
        return List.of(batch(DType.F32, 5, 6, 49, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.F32, 70, 37, 1, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.F32, 3, 2, 12_000, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.F32, 2, 9, 32, Affine.NONE, false), batch(DType.F16, 4, 3, 64, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.F32, 7, 24, 20, Affine.WEIGHT_AND_BIAS, true), batch(DType.F32, 9, 5, 528, Affine.WEIGHT_AND_BIAS, true));
    }

    /** Layer, group, instance and RMS norm; rows shorter and longer than a chunk, many rows and few that the cores share. */
    private static List<GroupNormProblem> groupNorms() {
        return List.of(group(DType.F32, 33, 1, 70, 1, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F32, 4, 3, 6, 49, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F32, 2, 1, 5, 9_000, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F32, 2, 1, 40_000, 1, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F32, 9, 2, 64, 1, false, Affine.WEIGHT), group(DType.BF16, 3, 8, 8, 33, true, Affine.NONE),
                group(DType.F32, 45, 1, 320, 1, true, Affine.WEIGHT_AND_BIAS), group(DType.F32, 7, 2, 6, 32, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F16, 6, 1, 48, 1, false, Affine.WEIGHT));
    }

    private static List<LocalResponseNormProblem> responses() {
        return List.of(new LocalResponseNormProblem(DType.F32, 2, 9, 121, ALEXNET),
                new LocalResponseNormProblem(DType.F32, 3, 3, 7, new LocalResponse(8, 0.3f, 0.5f, 1)),
                new LocalResponseNormProblem(DType.F16, 1, 20, 64, new LocalResponse(4, 1e-1f, 0.75f, 1)));
    }

    /** Statistics of gradients are given, so they need not be those of x: any mean, a positive reciprocal deviation. */
    private static void statistics(NormProblem problem, Operand operand, HostTensor tensor, Random random) {
        KernelCheck.gaussian(tensor, random);
        if (operand.name().equals("rstd") || operand.name().equals("running_var")) {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, 0.5 + random.nextDouble());
            }
        }
    }

    /** Numbers a thousand deviations away from zero. */
    private static void far(NormProblem problem, Operand operand, HostTensor tensor, Random random) {
        statistics(problem, operand, tensor, random);
        if (operand.name().equals("x")) {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, 1000 + tensor.get(i));
            }
        }
    }

    /**
     * An element that lies far away from all others, at the place that variants measure distances from. It costs means near zero
     * digits of their own, but none that matter beside the deviation.
     */
    private static void outlier(NormProblem problem, Operand operand, HostTensor tensor, Random random) {
        statistics(problem, operand, tensor, random);
        if (operand.name().equals("x")) {
            tensor.set(0, 1e3);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).problems(batchNorms()).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::statistics).problems(groupNorms()).run(device);
        KernelCheck.of(new LocalResponseNormFamily()).problems(responses()).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyGradientAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics)
                .problems(batchNorms().stream().map(NormalizeTest::gradientOf).toList()).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).inputs(NormalizeTest::statistics)
                .problems(groupNorms().stream().map(NormalizeTest::gradientOf).toList()).run(device);
        KernelCheck.of(new LocalResponseNormBackwardFamily())
                .problems(responses().stream().map(NormalizeTest::gradientOf).toList()).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void epiloguesRideOnTheResult(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).epilogues()
                .problems(batchNorms().get(1), batchNorms().get(2), batchNorms().get(5)).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).epilogues()
                .problems(gradientOf(batchNorms().get(1)), gradientOf(batchNorms().get(6))).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::statistics).epilogues()
                .problems(groupNorms().get(0), groupNorms().get(1), groupNorms().get(7)).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).inputs(NormalizeTest::statistics).epilogues()
                .problems(gradientOf(groupNorms().get(0)), gradientOf(groupNorms().get(6))).run(device);
        KernelCheck.of(new LocalResponseNormFamily()).epilogues().problems(responses().get(0)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void prologuesAreAppliedToTheGradientAsItIsLoaded(String id) {
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).prologues()
                .problems(batchNorms().stream().filter(each -> each.dtype() == DType.F32).map(NormalizeTest::gradientOf).toList())
                .run(TestDevices.shared(id));
    }

    /** Sums of squares of 1e6 would leave nothing of a variance of 1. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aMeanFarFromZeroCostsNoDigits(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::far).tolerance(problem -> 3e-5)
                .problems(batchNorms().stream().filter(each -> each.dtype() == DType.F32).toList()).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::far).tolerance(problem -> 3e-5)
                .problems(groupNorms().subList(0, 4)).problems(groupNorms().subList(6, 8)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void anOutlierCostsFewDigits(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::outlier).tolerance(problem -> 1e-2)
                .problems(batchNorms().get(2), batchNorms().get(1), batchNorms().get(5), batchNorms().get(6)).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::outlier).tolerance(problem -> 1e-2)
                .problems(groupNorms().get(3), groupNorms().get(6), groupNorms().get(7)).run(device);
    }

    /** NaN spoils its own channel, row or neighbourhood and nothing else; the test's comparison holds both. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void nanStaysWhereItBelongs(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.Inputs<NormProblem> one = (problem, operand, tensor, random) -> {
            statistics(problem, operand, tensor, random);
            if (operand.name().equals("x")) {
                tensor.set(2, Double.NaN);
            }
        };
        KernelCheck.of(new BatchNormFamily()).inputs(one::fill).problems(batchNorms().get(0), batchNorms().get(5)).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(one::fill).problems(groupNorms().get(0), groupNorms().get(6)).run(device);
        KernelCheck.of(new LocalResponseNormFamily()).inputs((problem, operand, tensor, random) -> {
            KernelCheck.gaussian(tensor, random);
            tensor.set(2, Double.NaN);
            tensor.set(5, Double.POSITIVE_INFINITY);
        }).problems(responses().get(0)).run(device);
    }

    private static BatchNormProblem drawnBatchNorm(Choices from) {
        Choices form = from.form();
        int inner = form.yes() ? form.extent(200) : 1;
        return batch(form.storage(), form.between(2, 9), form.extent(90), inner, form.oneOf(Affine.values()), form.yes());
    }

    private static GroupNormProblem drawnGroupNorm(Choices from) {
        Choices form = from.form();
        int groups = form.between(1, 4);
        int inner = form.yes() ? form.extent(90) : 1;
        return group(form.storage(), form.between(1, 6), groups, groups * form.extent(30), inner, form.yes(), form.oneOf(Affine.values()));
    }

    private static LocalResponseNormProblem drawnResponse(Choices from) {
        Choices form = from.form();
        LocalResponse response = new LocalResponse(form.between(1, 9), form.between(0, 10) / 10f,
                form.yes() ? form.between(0, 20) / 10f : 0.75f, form.between(5, 15) / 10f);
        return new LocalResponseNormProblem(form.storage(), form.between(1, 4), form.extent(40), form.extent(200), response);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void batchNormsDrawnAtRandomAgreeWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).tolerance(each -> 3e-5)
                .drawn(NormalizeTest::drawnBatchNorm).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).epilogues().prologues()
                .drawn(from -> gradientOf(drawnBatchNorm(from))).run(device);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void groupNormsDrawnAtRandomAgreeWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::statistics).tolerance(each -> 3e-5)
                .drawn(NormalizeTest::drawnGroupNorm).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).inputs(NormalizeTest::statistics)
                .drawn(from -> gradientOf(drawnGroupNorm(from))).run(device);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void localResponseNormsDrawnAtRandomAgreeWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new LocalResponseNormFamily()).drawn(NormalizeTest::drawnResponse).run(device);
        KernelCheck.of(new LocalResponseNormBackwardFamily()).drawn(from -> gradientOf(drawnResponse(from))).run(device);
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        Device device = Sanitizer.device();
        List<BatchNormProblem> batchNorms = List.of(batch(DType.F32, 2, 2, 19, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.F32, 5, 8, 20, Affine.WEIGHT_AND_BIAS, true), batch(DType.F32, 6, 2, 32, Affine.WEIGHT_AND_BIAS, true),
                batch(DType.BF16, 3, 17, 1, Affine.NONE, false), batch(DType.F32, 2, 1, 33_000, Affine.WEIGHT, true));
        List<GroupNormProblem> groupNorms = List.of(group(DType.F32, 3, 1, 21, 1, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F32, 9, 1, 32, 1, true, Affine.WEIGHT_AND_BIAS), group(DType.F32, 5, 1, 2, 16, true, Affine.WEIGHT_AND_BIAS),
                group(DType.F16, 1, 2, 4, 18, false, Affine.WEIGHT), group(DType.F32, 1, 1, 3, 22_000, true, Affine.NONE));
        LocalResponseNormProblem response = new LocalResponseNormProblem(DType.F32, 1, 4, 21, ALEXNET);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).tolerance(problem -> 3e-5)
                .problems(batchNorms).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).tolerance(problem -> 3e-5).prologues()
                .problems(batchNorms.stream().map(NormalizeTest::gradientOf).toList()).run(device);
        BatchNormProblem shared = batch(DType.F32, 8, 8, 20, Affine.WEIGHT_AND_BIAS, true);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).tunables().problems(shared).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).tunables().problems(gradientOf(shared)).run(device);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::statistics).tolerance(problem -> 3e-5)
                .problems(groupNorms).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).inputs(NormalizeTest::statistics).tolerance(problem -> 3e-5)
                .problems(groupNorms.stream().map(NormalizeTest::gradientOf).toList()).run(device);
        KernelCheck.of(new LocalResponseNormFamily()).tunables().problems(response).run(device);
        KernelCheck.of(new LocalResponseNormBackwardFamily()).tunables().problems(gradientOf(response)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVectorWidthAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        BatchNormProblem batch = batch(DType.F32, 3, 2, 21, Affine.WEIGHT_AND_BIAS, true);
        List<BatchNormProblem> pipelined = List.of(batch(DType.F32, 10, 16, 20, Affine.WEIGHT, true));
        GroupNormProblem group = group(DType.F32, 3, 1, 21, 1, true, Affine.WEIGHT_AND_BIAS);
        GroupNormProblem layer = group(DType.F32, 9, 1, 48, 1, true, Affine.WEIGHT_AND_BIAS);
        KernelCheck.of(new BatchNormFamily()).inputs(NormalizeTest::statistics).tunables().problems(batch).problems(pipelined).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).inputs(NormalizeTest::statistics).tunables()
                .problems(pipelined.stream().map(NormalizeTest::gradientOf).toList()).run(device);
        LocalResponseNormProblem response = new LocalResponseNormProblem(DType.F32, 1, 10, 335, ALEXNET);
        KernelCheck.of(new GroupNormFamily()).inputs(NormalizeTest::statistics).tunables().problems(group, layer).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).inputs(NormalizeTest::statistics).tunables().problems(gradientOf(group), gradientOf(layer))
                .run(device);
        KernelCheck.of(new LocalResponseNormFamily()).tunables().problems(response).run(device);
        KernelCheck.of(new LocalResponseNormBackwardFamily()).tunables().problems(gradientOf(response)).run(device);
    }

    @Test
    void keysSayWhatDiffers() {
        assertThat(batchNorms().get(0).key()).isEqualTo("batch-norm f32 5x6x49 epsilon=1.0E-5 momentum=0.1");
        assertThat(groupNorms().get(4).key()).isEqualTo("group-norm f32 9x64x1 groups=2 epsilon=1.0E-5 rms weight");
        assertThat(gradientOf(groupNorms().get(5)).key()).isEqualTo("group-norm-backward bf16 3x8x33 groups=8 plain");
        assertThat(responses().get(0).key()).isEqualTo("local-response-norm f32 2x9x121 size=5 alpha=0.01 beta=0.75 k=2.0");
    }

    @Test
    void impossibleProblemsAreRefusedWithTheirShapes() {
        assertThatThrownBy(() -> batch(DType.F32, 1, 3, 1, Affine.NONE, false)).isInstanceOf(QuernException.class)
                .hasMessage("batch-norm of [1, 3, 1]: a channel has one value, so it has no variance; train with a larger batch");
        assertThatThrownBy(() -> batch(DType.I32, 2, 3, 1, Affine.NONE, false)).isInstanceOf(QuernException.class)
                .hasMessage("batch-norm of [2, 3, 1]: is I32; it is computed for F32, F16 and BF16");
        assertThatThrownBy(() -> new BatchNormProblem(DType.F32, 2, 3, 1, -1, 0.1f, Affine.NONE, false))
                .isInstanceOf(QuernException.class).hasMessage("batch-norm: epsilon -1.0 must be at least 0 and finite");
        assertThatThrownBy(() -> new BatchNormProblem(DType.F32, 2, 3, 1, 0, Float.NaN, Affine.NONE, false))
                .isInstanceOf(QuernException.class).hasMessage("batch-norm: momentum NaN must be in [0, 1]");
        assertThatThrownBy(() -> group(DType.F32, 2, 4, 6, 1, true, Affine.NONE)).isInstanceOf(QuernException.class)
                .hasMessage("group-norm of [2, 6, 1]: 4 groups must be at least 1 and divide the 6 channels");
        assertThatThrownBy(() -> group(DType.F32, 50_000, 1, 50_000, 1, true, Affine.NONE)).isInstanceOf(QuernException.class)
                .hasMessage("group-norm of [50000, 50000, 1]: more than 2^31 - 1 elements; split the batch");
        assertThatThrownBy(() -> new LocalResponse(0, 1, 1, 1)).isInstanceOf(QuernException.class)
                .hasMessage("local-response-norm of 0 channels: size must be at least 1");
        assertThatThrownBy(() -> new LocalResponse(5, -1, 1, 1)).isInstanceOf(QuernException.class)
                .hasMessageContaining("alpha -1.0 and k 1.0 must be at least 0 and finite");
    }
}
