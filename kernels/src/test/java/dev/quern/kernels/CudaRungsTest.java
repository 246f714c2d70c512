package dev.quern.kernels;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.mul;

import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.gemm.GemmFamily;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormBackwardFamily;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.kernels.normalize.BatchNormFamily;
import dev.quern.kernels.normalize.BatchNormProblem;
import dev.quern.kernels.normalize.GroupNormBackwardFamily;
import dev.quern.kernels.normalize.GroupNormBackwardProblem;
import dev.quern.kernels.normalize.GroupNormFamily;
import dev.quern.kernels.normalize.GroupNormProblem;
import dev.quern.kernels.pointwise.PointwiseFamily;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Draw;
import dev.quern.kernels.random.Philox;
import dev.quern.kernels.reduce.ReduceFamily;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.softmax.CrossEntropyFamily;
import dev.quern.kernels.softmax.CrossEntropyProblem;
import dev.quern.kernels.softmax.SoftmaxBackwardFamily;
import dev.quern.kernels.softmax.SoftmaxBackwardProblem;
import dev.quern.kernels.softmax.SoftmaxFamily;
import dev.quern.kernels.softmax.SoftmaxProblem;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The CUDA rungs on shapes that decide between the ways in which their texts turn out: short rows and rows that do not fit into
 * registers, chunks of every length, one and several slices. The families' own tests hold them on everything else.
 */
@Tag("cuda")
class CudaRungsTest {
    private final Device device = TestDevices.shared("cuda:0");

    @Test
    void productsOfEveryOrientationSizeOfTileAndSlicing() {
        List<GemmProblem> problems = new ArrayList<>();
        for (int transposed = 0; transposed < 4; transposed++) {
            GemmProblem fours = GemmProblem.of(132, 136, 40, (transposed & 2) != 0, (transposed & 1) != 0);
            problems.add(fours);
            problems.add(GemmProblem.of(67, 131, 21, (transposed & 2) != 0, (transposed & 1) != 0));
            problems.add(GemmProblem.of(20, 28, 1036, (transposed & 2) != 0, (transposed & 1) != 0));
        }
        KernelCheck.of(new GemmFamily()).only("tiled_cuda", "register_tiled_cuda").problems(problems).run(device);
        KernelCheck.of(new GemmFamily()).only("tiled_cuda", "register_tiled_cuda").epilogues().prologues().problems(
                GemmProblem.of(68, 72, 20, false, false), GemmProblem.of(37, 41, 23, true, true)).run(device);
        KernelCheck.of(new GemmFamily()).only("register_tiled_cuda").tunables().problems(GemmProblem.of(132, 136, 40, false, true))
                .run(device);
        KernelCheck.of(new GemmFamily()).only("tiled_cuda", "register_tiled_cuda").problems(
                GemmProblem.of(36, 40, 44, false, false).stored(DType.F16, DType.BF16, DType.F16).adding(0.5f),
                GemmProblem.of(36, 40, 44, true, true).batched(2, false, true).adding(2)).run(device);
    }

    @Test
    void rowsThatFitIntoRegistersAndRowsThatDoNot() {
        List<SoftmaxProblem> forward = new ArrayList<>();
        for (int axis : new int[] {1, 10, 36, 200, 1000, 1001, 4100}) {
            forward.add(new SoftmaxProblem(5, axis, 1, axis % 4 == 1));
        }
        forward.add(new SoftmaxProblem(1, 33_000, 1, true));
        forward.add(new SoftmaxProblem(2, 65_540, 1, false));
        forward.add(new SoftmaxProblem(3, 2000, 1, false, DType.F16));
        forward.add(new SoftmaxProblem(3, 1002, 1, true, DType.BF16));
        List<SoftmaxBackwardProblem> backward = forward.stream().map(problem -> new SoftmaxBackwardProblem(problem.outer(),
                problem.axis(), problem.inner(), problem.log(), problem.dtype())).toList();
        KernelCheck.of(new SoftmaxFamily()).only("warp_shuffles").problems(forward).run(device);
        KernelCheck.of(new SoftmaxFamily()).only("warp_shuffles").tunables().problems(new SoftmaxProblem(5, 1000, 1, false)).run(device);
        KernelCheck.of(new SoftmaxBackwardFamily()).only("warp_shuffles").problems(backward).run(device);
        KernelCheck.of(new SoftmaxBackwardFamily()).only("warp_shuffles").tunables()
                .problems(new SoftmaxBackwardProblem(5, 1000, 1, true)).run(device);
        KernelCheck.of(new CrossEntropyFamily()).only("warp_shuffles").problems(new CrossEntropyProblem(5, 4, 0.1f, true),
                new CrossEntropyProblem(5, 1000, 0, true), new CrossEntropyProblem(2, 33_001, 0.1f, true),
                new CrossEntropyProblem(2, 40_000, 0, true, DType.F16), new CrossEntropyProblem(2, 40_000, 0, false)).run(device);
    }

    @Test
    void rowsAndChannelsOfNormalisation() {
        List<GroupNormProblem> rows = new ArrayList<>();
        List<BatchNormProblem> channels = new ArrayList<>();
        for (Affine affine : Affine.values()) {
            for (boolean centred : new boolean[] {true, false}) {
                rows.add(new GroupNormProblem(DType.F32, 7, 1, 100, 1, 1e-5f, centred, affine));
                rows.add(new GroupNormProblem(DType.F32, 2, 3, 6, 35, 1e-5f, centred, affine));
            }
            channels.add(new BatchNormProblem(DType.F32, 70, 12, 1, 1e-5f, 0.1f, affine, affine.bias()));
            channels.add(new BatchNormProblem(DType.F32, 9, 5, 36, 1e-5f, 0.1f, affine, affine.weight()));
        }
        rows.add(new GroupNormProblem(DType.F32, 2, 1, 33_000, 1, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
        rows.add(new GroupNormProblem(DType.F32, 1, 1, 36_001, 1, 1e-5f, false, Affine.WEIGHT));
        rows.add(new GroupNormProblem(DType.F32, 300, 2, 12, 4, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
        rows.add(new GroupNormProblem(DType.F16, 70, 1, 264, 1, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
        rows.add(new GroupNormProblem(DType.BF16, 9, 2, 8, 24, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
        channels.add(new BatchNormProblem(DType.F32, 5, 3, 3000, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true));
        channels.add(new BatchNormProblem(DType.F32, 600, 37, 1, 1e-5f, 0.1f, Affine.WEIGHT, true));
        channels.add(new BatchNormProblem(DType.F16, 70, 264, 1, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true));
        channels.add(new BatchNormProblem(DType.BF16, 7, 3, 49, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true));
        KernelCheck.of(new GroupNormFamily()).only("warp_shuffles").problems(rows).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).only("warp_shuffles").problems(rows.stream()
                .map(problem -> new GroupNormBackwardProblem(problem.dtype(), problem.batch(), problem.groups(), problem.channels(),
                        problem.inner(), problem.centred(), problem.affine())).toList()).run(device);
        KernelCheck.of(new BatchNormFamily()).only("sliced_channels").problems(channels).inputs(
                (problem, operand, tensor, random) -> {
                    KernelCheck.gaussian(tensor, random);
                    // A mean that is large, and an element far from all others in front.
                    for (long i = 0; i < tensor.shape().elements() && operand.name().equals("x"); i++) {
                        tensor.set(i, tensor.get(i) + (i == 0 ? 300 : 20));
                    }
                }).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).only("sliced_channels").problems(channels.stream()
                .map(problem -> new BatchNormBackwardProblem(problem.dtype(), problem.batch(), problem.channels(), problem.inner(),
                        problem.affine())).toList()).run(device);
    }

    @Test
    void epiloguesRideOnNormalisation() {
        KernelCheck.of(new GroupNormFamily()).only("warp_shuffles").epilogues().problems(
                new GroupNormProblem(DType.F32, 3, 2, 8, 6, 1e-5f, true, Affine.WEIGHT_AND_BIAS)).run(device);
        KernelCheck.of(new GroupNormBackwardFamily()).only("warp_shuffles").epilogues().problems(
                new GroupNormBackwardProblem(DType.F32, 3, 1, 40, 1, true, Affine.WEIGHT_AND_BIAS)).run(device);
        KernelCheck.of(new BatchNormFamily()).only("sliced_channels").epilogues().problems(
                new BatchNormProblem(DType.F32, 4, 3, 12, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true)).run(device);
        KernelCheck.of(new BatchNormBackwardFamily()).only("sliced_channels").epilogues().problems(
                new BatchNormBackwardProblem(DType.F32, 9, 8, 1, Affine.WEIGHT_AND_BIAS)).run(device);
    }

    @Test
    void chunksOfPointwiseWork() {
        Expr x = input(0);
        Shape matrix = Shape.of(6, 40);
        Input row = new Input("row", DType.F32, List.of(0L, 1L));
        Input column = new Input("column", DType.F32, List.of(1L, 0L));
        Input turned = new Input("turned", DType.F32, 6 * 40 - 1, List.of(-40L, -1L), Optional.empty());
        Input drawn = new Input("drawn", DType.I32, 0, List.of(40L, 1L),
                Optional.of(new Draw(Distribution.UNIFORM, Philox.purpose("test"))));
        Input kept = Input.drawn("kept", new Draw(Distribution.bernoulli(0.9), Philox.purpose("test")), matrix);
        List<Part> parts = new ArrayList<>();
        for (int elements : new int[] {1, 3, 4, 1024, 2051}) {
            Shape shape = Shape.of(elements);
            Input full = Input.contiguous("x", DType.F32, shape);
            parts.add(new Part(shape, List.of(full, full), List.of(mul(x, add(input(1), x)), add(x, x))));
        }
        parts.add(new Part(matrix, List.of(Input.contiguous("x", DType.F32, matrix), row, column, turned),
                List.of(add(mul(x, input(1)), mul(input(2), input(3))))));
        parts.add(new Part(Shape.of(5, 7), List.of(Input.contiguous("x", DType.F32, Shape.of(5, 7)), row),
                List.of(add(x, input(1)))));
        KernelCheck.of(new PointwiseFamily()).only("chunk_per_thread").problems(new PointwiseProblem(parts),
                PointwiseProblem.of(new Part(Shape.of(37), List.of(Input.contiguous("h", DType.F16, Shape.of(37)),
                        Input.contiguous("b", DType.BF16, Shape.of(37))), List.of(add(x, input(1)), mul(x, input(1))),
                        List.of(DType.BF16, DType.F16))),
                PointwiseProblem.of(new Part(Shape.of(70), List.of(Input.contiguous("i", DType.I32, Shape.of(70)),
                        Input.contiguous("u", DType.U8, Shape.of(70))), List.of(add(x, input(1)), x, x),
                        List.of(DType.F32, DType.U8, DType.BOOL))),
                PointwiseProblem.of(new Part(matrix, List.of(drawn, row, kept), List.of(mul(mul(x, input(1)), input(2)))))).run(device);
    }

    @Test
    void reductionsOfShortAndLongRowsAndColumns() {
        List<ReduceProblem> problems = new ArrayList<>();
        for (ReduceOp op : ReduceOp.values()) {
            problems.add(ReduceProblem.of(op, Shape.of(6, 37), 1));
        }
        problems.add(ReduceProblem.of(ReduceOp.NORM2, Shape.of(37, 12), 0));
        for (int[] shape : new int[][] {{3, 8200}, {300, 8}, {1, 1}}) {
            problems.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(shape), 1));
            problems.add(ReduceProblem.of(ReduceOp.MAX, Shape.of(shape), 0));
        }
        problems.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(500_000), 0));
        problems.add(ReduceProblem.of(ReduceOp.MEAN, Shape.of(9, 6, 20), 0, 2));
        problems.add(ReduceProblem.of(ReduceOp.MIN, Shape.of(3, 7, 4, 5), 0, 2));
        problems.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(3, 700, 4, 150), 1));
        problems.add(ReduceProblem.of(ReduceOp.SUM, DType.F16, Shape.of(9, 400), 1));
        problems.add(ReduceProblem.of(ReduceOp.SUM, DType.BF16, Shape.of(900, 24), 0));
        KernelCheck.of(new ReduceFamily()).only("warp_shuffles").problems(problems).run(device);
        KernelCheck.of(new ReduceFamily()).only("warp_shuffles").epilogues().problems(ReduceProblem.of(ReduceOp.MEAN, Shape.of(9, 20), 1),
                ReduceProblem.of(ReduceOp.SUM, Shape.of(700, 9), 0)).run(device);
    }
}
