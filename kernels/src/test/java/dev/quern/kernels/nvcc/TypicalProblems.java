package dev.quern.kernels.nvcc;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.div;
import static dev.quern.kernels.expr.Expressions.gelu;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.less;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.rsqrt;
import static dev.quern.kernels.expr.Expressions.select;
import static dev.quern.kernels.expr.Expressions.sigmoid;
import static dev.quern.kernels.expr.Expressions.square;
import static dev.quern.kernels.expr.Expressions.sub;

import dev.quern.kernels.Problem;
import dev.quern.kernels.attention.AttentionBackwardProblem;
import dev.quern.kernels.attention.AttentionForwardProblem;
import dev.quern.kernels.attention.AttentionGeometry;
import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.kernels.copy.CopyProblem;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.gather.GatherProblem;
import dev.quern.kernels.gather.ScatterAddProblem;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.kernels.normalize.BatchNormProblem;
import dev.quern.kernels.normalize.GroupNormBackwardProblem;
import dev.quern.kernels.normalize.GroupNormProblem;
import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.normalize.LocalResponseNormBackwardProblem;
import dev.quern.kernels.normalize.LocalResponseNormProblem;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.pool.AvgPool2dBackwardProblem;
import dev.quern.kernels.pool.AvgPool2dForwardProblem;
import dev.quern.kernels.pool.MaxPool2dBackwardProblem;
import dev.quern.kernels.pool.MaxPool2dForwardProblem;
import dev.quern.kernels.pool.Pool2dGeometry;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Draw;
import dev.quern.kernels.random.Philox;
import dev.quern.kernels.recurrent.RecurrentBackwardProblem;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentForwardProblem;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.kernels.reduce.ArgReduceProblem;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.scan.ScanProblem;
import dev.quern.kernels.softmax.CrossEntropyProblem;
import dev.quern.kernels.softmax.SoftmaxBackwardProblem;
import dev.quern.kernels.softmax.SoftmaxProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Problems of every family whose kernels differ in their text: one for each way in which a definition or a generated line can
 * turn out. The first problem of a family is the plain one.
 */
final class TypicalProblems {
    private static final DType[] STORED = {DType.F32, DType.F16, DType.BF16};

    private TypicalProblems() {
    }

    static List<Problem> all() {
        List<Problem> all = new ArrayList<>();
        gemm(all);
        convolution(all);
        pooling(all);
        rows(all);
        norms(all);
        reductions(all);
        pointwise(all);
        moves(all);
        sequences(all);
        return all;
    }

    private static void gemm(List<Problem> all) {
        for (int transposed = 0; transposed < 4; transposed++) {
            all.add(GemmProblem.of(512, 384, 256, (transposed & 2) != 0, (transposed & 1) != 0));
        }
        all.add(GemmProblem.of(4096, 4096, 4096, false, false));
        all.add(GemmProblem.of(4096, 4096, 4096, false, true));
        GemmProblem plain = GemmProblem.of(512, 384, 256, false, false);
        all.add(plain.batched(3, false, true));
        all.add(plain.adding(0.5f).scaled(2));
        all.add(GemmProblem.of(37, 51, 83, false, true));
        all.add(GemmProblem.of(64, 48, 20_000, true, false));
        all.add(plain.stored(DType.F16, DType.F16, DType.F16));
        all.add(GemmProblem.of(512, 384, 256, true, true).stored(DType.BF16, DType.BF16, DType.F32));
    }

    private static void convolution(List<Problem> all) {
        for (Conv2dGeometry geometry : List.of(Conv2dGeometry.plain(Shape.of(32, 64, 28, 28), Shape.of(128, 64, 3, 3), 1, 1),
                Conv2dGeometry.plain(Shape.of(32, 1, 28, 28), Shape.of(6, 1, 5, 5), 2, 2),
                Conv2dGeometry.of(Shape.of(2, 6, 23, 19), Shape.of(8, 3, 7, 5), 2, 3, 3, 1, 0, 2, 1, 2, 2))) {
            all.add(new Conv2dForwardProblem(geometry));
            all.add(new Conv2dBackwardDataProblem(geometry));
            all.add(new Conv2dBackwardWeightsProblem(geometry));
        }
    }

    private static void pooling(List<Problem> all) {
        Pool2dGeometry halves = Pool2dGeometry.square(Shape.of(32, 16, 28, 28), 2, 2, 0);
        Pool2dGeometry overlapping = Pool2dGeometry.square(Shape.of(8, 64, 56, 56), 3, 2, 1);
        for (DType dtype : STORED) {
            all.add(new MaxPool2dForwardProblem(halves, true, dtype));
            all.add(new MaxPool2dBackwardProblem(overlapping, dtype));
            all.add(new AvgPool2dForwardProblem(halves, false, dtype));
            all.add(new AvgPool2dBackwardProblem(overlapping, true, dtype));
        }
        all.add(new MaxPool2dForwardProblem(overlapping, false, DType.F32));
    }

    private static void rows(List<Problem> all) {
        for (SoftmaxProblem problem : List.of(new SoftmaxProblem(4096, 1024, 1, false), new SoftmaxProblem(64, 10, 1, true),
                new SoftmaxProblem(128, 32_768, 1, false), new SoftmaxProblem(64, 1001, 1, false),
                new SoftmaxProblem(8, 64, 196, true), new SoftmaxProblem(64, 250_000, 1, true),
                new SoftmaxProblem(4096, 1024, 1, false, DType.F16), new SoftmaxProblem(4096, 1024, 1, true, DType.BF16))) {
            all.add(problem);
            all.add(new SoftmaxBackwardProblem(problem.outer(), problem.axis(), problem.inner(), problem.log(), problem.dtype()));
        }
        all.add(new CrossEntropyProblem(64, 10, 0, true));
        all.add(new CrossEntropyProblem(4096, 1000, 0.1f, true));
        all.add(new CrossEntropyProblem(4096, 50_257, 0, true));
        all.add(new CrossEntropyProblem(4096, 50_257, 0, false, DType.BF16));
        all.add(new CrossEntropyProblem(4096, 32_000, 0.1f, true, DType.F16));
    }

    private static void norms(List<Problem> all) {
        for (DType dtype : STORED) {
            all.add(new BatchNormProblem(dtype, 32, 64, 3136, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true));
            all.add(new BatchNormBackwardProblem(dtype, 32, 64, 3136, Affine.WEIGHT_AND_BIAS));
            all.add(new GroupNormProblem(dtype, 8192, 1, 1024, 1, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
            all.add(new GroupNormBackwardProblem(dtype, 8192, 1, 1024, 1, true, Affine.WEIGHT_AND_BIAS));
            LocalResponse response = new LocalResponse(5, 1e-4f, 0.75f, 1);
            all.add(new LocalResponseNormProblem(dtype, 32, 96, 729, response));
            all.add(new LocalResponseNormBackwardProblem(dtype, 32, 96, 729, response));
        }
        all.add(new BatchNormProblem(DType.F32, 512, 120, 1, 1e-5f, 0.1f, Affine.NONE, false));
        all.add(new BatchNormBackwardProblem(DType.F32, 512, 120, 1, Affine.NONE));
        all.add(new BatchNormProblem(DType.F32, 64, 512, 49, 1e-5f, 0.1f, Affine.WEIGHT_AND_BIAS, true));
        all.add(new BatchNormBackwardProblem(DType.F32, 64, 512, 49, Affine.WEIGHT_AND_BIAS));
        for (int features : new int[] {37, 768, 16_384, 100_000}) {
            all.add(new GroupNormProblem(DType.F32, 512, 1, features, 1, 1e-6f, false, Affine.WEIGHT));
            all.add(new GroupNormBackwardProblem(DType.F32, 512, 1, features, 1, false, Affine.WEIGHT));
        }
        all.add(new GroupNormProblem(DType.F32, 32, 8, 64, 784, 1e-5f, true, Affine.WEIGHT_AND_BIAS));
        all.add(new GroupNormBackwardProblem(DType.F32, 32, 8, 64, 784, true, Affine.WEIGHT_AND_BIAS));
    }

    private static void reductions(List<Problem> all) {
        for (ReduceOp op : ReduceOp.values()) {
            all.add(ReduceProblem.of(op, Shape.of(4096, 1024), 1));
        }
        all.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(4096, 1024), 0));
        all.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(4096, 1024), 0).of(4));
        all.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(1 << 24), 0));
        all.add(ReduceProblem.of(ReduceOp.MEAN, Shape.of(32, 64, 784), 0, 2));
        all.add(ReduceProblem.of(ReduceOp.SUM, Shape.of(32, 7, 64, 5), 0, 2));
        all.add(ReduceProblem.of(ReduceOp.MAX, Shape.of(333, 10), 1));
        all.add(ReduceProblem.of(ReduceOp.MAX, DType.F16, Shape.of(4096, 1024), 1));
        all.add(ReduceProblem.of(ReduceOp.SUM, DType.BF16, Shape.of(4096, 1024), 0));
        for (DType dtype : STORED) {
            all.add(new ArgReduceProblem(true, dtype, 4096, 1000, 1));
        }
        all.add(new ArgReduceProblem(false, DType.F32, 32, 100, 50));
        all.add(new ScanProblem(ReduceOp.SUM, 64, 4096, 1, false, false));
        all.add(new ScanProblem(ReduceOp.MAX, 3, 500, 70, true, true));
    }

    /** What graphs of the models come to: layers' ends, dropout, optimizers, casts, and every function of the table. */
    private static void pointwise(List<Problem> all) {
        Shape matrix = Shape.of(512, 1024);
        Input full = Input.contiguous("x", DType.F32, matrix);
        Input row = new Input("row", DType.F32, List.of(0L, 1L));
        all.add(PointwiseProblem.of(new Part(matrix, List.of(full, row), List.of(relu(add(input(0), input(1)))))));
        all.add(PointwiseProblem.of(new Part(matrix, List.of(full, row, full), List.of(add(gelu(add(input(0), input(1))), input(2))))));
        Shape image = Shape.of(32, 64, 784);
        Input channel = new Input("channel", DType.F32, List.of(0L, 1L, 0L));
        all.add(PointwiseProblem.of(new Part(image, List.of(Input.contiguous("x", DType.F32, image), channel, channel),
                List.of(relu(add(mul(input(0), input(1)), input(2)))))));
        all.add(PointwiseProblem.of(new Part(Shape.of(33, 77), List.of(new Input("transposed", DType.F32, List.of(1L, 33L)),
                new Input("backwards", DType.F32, 76, List.of(0L, -1L), Optional.empty())), List.of(mul(input(0), input(1))))));
        Input mask = Input.drawn("mask", new Draw(Distribution.bernoulli(0.9), Philox.purpose("dropout")), matrix);
        all.add(PointwiseProblem.of(new Part(matrix, List.of(mask, full),
                List.of(select(input(0), mul(input(1), constant(1 / 0.9)), constant(0))))));
        Input uniform = Input.drawn("uniform", new Draw(Distribution.UNIFORM, Philox.purpose("noise")), matrix);
        all.add(PointwiseProblem.of(new Part(matrix, List.of(uniform, full), List.of(less(input(0), input(1))))));
        Input normal = Input.drawn("noise", new Draw(Distribution.NORMAL, Philox.purpose("noise")), matrix);
        all.add(PointwiseProblem.of(new Part(matrix, List.of(normal, full), List.of(add(input(0), input(1))))));
        all.add(new PointwiseProblem(List.of(adam(Shape.of(1024, 512)), adam(Shape.of(512)), adam(Shape.of(10, 512)),
                adam(Shape.of(10)))));
        all.add(PointwiseProblem.of(new Part(matrix, List.of(Input.contiguous("x", DType.F16, matrix),
                Input.contiguous("y", DType.BF16, matrix)), List.of(mul(input(0), sigmoid(input(0))), add(input(0), input(1))),
                List.of(DType.F16, DType.BF16))));
        DType[] types = {DType.F32, DType.I32, DType.U8, DType.BOOL};
        for (DType from : types) {
            all.add(PointwiseProblem.of(new Part(matrix, List.of(Input.contiguous("x", from, matrix)),
                    List.of(input(0), input(0), input(0), input(0)), List.of(types))));
        }
        List<Part> table = new ArrayList<>();
        Shape line = Shape.of(1000);
        for (ElementwiseFunction function : ElementwiseFunction.values()) {
            List<Input> inputs = new ArrayList<>();
            List<Expr> arguments = new ArrayList<>();
            for (int i = 0; i < function.arity(); i++) {
                inputs.add(Input.contiguous("x" + i, DType.F32, line));
                arguments.add(input(i));
            }
            table.add(new Part(line, inputs, List.of(new Expr.Call(function, arguments))));
        }
        all.add(new PointwiseProblem(table));
    }

    /** The update of one parameter by Adam: parameter, gradient, two moments, and the step's factors as scalars. */
    private static Part adam(Shape shape) {
        List<Input> inputs = new ArrayList<>();
        for (String name : List.of("p", "g", "m", "v")) {
            inputs.add(Input.contiguous(name, DType.F32, shape));
        }
        List<Long> same = java.util.Collections.nCopies(shape.rank(), 0L);
        inputs.add(new Input("rate", DType.F32, same));
        Expr m = add(mul(constant(0.9), input(2)), mul(constant(0.1), input(1)));
        Expr v = add(mul(constant(0.999), input(3)), mul(constant(0.001), square(input(1))));
        Expr p = sub(input(0), mul(input(4), div(m, add(div(constant(1), rsqrt(v)), constant(1e-8)))));
        return new Part(shape, inputs, List.of(p, m, v));
    }

    private static void moves(List<Problem> all) {
        for (DType dtype : List.of(DType.F32, DType.BF16, DType.U8, DType.I64)) {
            all.add(CopyProblem.view(dtype, Shape.of(384, 512), 384 * 512, 0, List.of(1L, 384L)));
        }
        all.add(CopyProblem.place(DType.F32, Shape.of(2, 3, 7, 21), Shape.of(2, 3, 10, 24), List.of(0, 0, 1, 2), List.of(1, 1, 1, 1),
                -1.5));
        all.add(CopyProblem.concat(DType.F32, List.of(Shape.of(4, 3, 10), Shape.of(4, 1, 10)), 1));
        all.add(new GatherProblem(DType.F32, 1, 30_000, 512, 256, false));
        all.add(new GatherProblem(DType.BF16, 1, 30_000, 512, 256, false));
        all.add(new GatherProblem(DType.I32, 4, 30, 20, 5, true));
        all.add(new ScatterAddProblem(1, 30_000, 512, 256, false, -1));
        all.add(new ScatterAddProblem(3, 30, 20, 5, true, 2));
    }

    private static void sequences(List<Problem> all) {
        AttentionGeometry plain = AttentionGeometry.of(2, 8, 512, 512, 64);
        for (AttentionGeometry geometry : List.of(plain, plain.withCausalMask(), plain.withKeyLengths().withMask(),
                AttentionGeometry.of(2, 8, 100, 77, 33).withValueDim(20), plain.storedAs(DType.F16),
                plain.withCausalMask().storedAs(DType.BF16))) {
            all.add(new AttentionForwardProblem(geometry, true));
            all.add(new AttentionBackwardProblem(geometry));
        }
        for (RecurrentCell cell : RecurrentCell.values()) {
            for (boolean more : new boolean[] {false, true}) {
                RecurrentGeometry geometry = RecurrentGeometry.of(cell, 25, 32, 128).with(more, true, more, more);
                all.add(new RecurrentForwardProblem(geometry, true));
                all.add(new RecurrentBackwardProblem(geometry, more));
            }
        }
    }
}
