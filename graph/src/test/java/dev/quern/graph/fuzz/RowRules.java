package dev.quern.graph.fuzz;

import dev.quern.graph.op.BatchNormalised;
import dev.quern.graph.op.Scan;
import dev.quern.graph.op.Value;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** What goes along axes: reductions, running results, the softmax family, normalisations and losses. */
final class RowRules {
    static final List<Rule> ALL = List.of(
            Rule.of(shape -> shape.rank() < GraphGrower.MOST_AXES, RowRules::reduced),
            Rule.of(shape -> shape.rank() < GraphGrower.MOST_AXES, RowRules::reduced),
            Rule.of(shape -> shape.elements() == 1, (from, want) -> from.g().reshape(
                    reduce(from, from.grow(from.shape()), from.choose().yes()), want)),
            Rule.of(shape -> shape.rank() < GraphGrower.MOST_AXES, RowRules::place),
            Rule.ofRank(1, (from, want) -> from.g().cumsum(from.grow(want), from.axis(want), from.choose().yes(), from.choose().yes())),
            Rule.ofRank(1, RowRules::running).withoutDerivative(),
            Rule.ofRank(1, (from, want) -> from.g().softmax(from.grow(want), from.axis(want))),
            Rule.ofRank(1, (from, want) -> from.g().logSoftmax(from.grow(want), from.axis(want))),
            Rule.ofRank(1, RowRules::layerNorm),
            Rule.ofRank(2, RowRules::groupNorm),
            Rule.of(shape -> shape.rank() >= 2 && shape.elements() > shape.extent(1), RowRules::batchNorm),
            Rule.ofRank(2, RowRules::batchNormInference),
            Rule.ofRank(3, (from, want) -> from.g().localResponseNorm(from.grow(want), from.choose().between(1, 5), 0.5, 0.75, 1)),
            Rule.of(shape -> shape.elements() == 1, RowRules::crossEntropy));

    private RowRules() {
    }

    private static Value reduced(GraphGrower from, Shape want) {
        int axis = from.choose().between(0, want.rank());
        Shape shape = Extents.insert(want, axis, from.extra(want));
        ReduceOp kind = kind(from);
        boolean kept = from.choose().yes();
        Value x = from.grow(shape);
        Value y = from.g().reduce(kind, kind == ReduceOp.PROD ? from.g().stopGradient(x) : x, kept, axis);
        return kept ? from.g().reshape(y, want) : y;
    }

    private static Value reduce(GraphGrower from, Value x, boolean kept) {
        ReduceOp kind = kind(from);
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            axes.add(axis);
        }
        return from.g().reduce(kind, kind == ReduceOp.PROD ? from.g().stopGradient(x) : x, kept,
                axes.stream().mapToInt(Integer::intValue).toArray());
    }

    /** A product has no gradient: its operand's is stopped. */
    private static ReduceOp kind(GraphGrower from) {
        return from.choose().oneOf(ReduceOp.SUM, ReduceOp.MEAN, ReduceOp.MAX, ReduceOp.MIN, ReduceOp.NORM1, ReduceOp.NORM2,
                ReduceOp.SUM_SQUARES, from.derivable() ? ReduceOp.SUM : ReduceOp.PROD);
    }

    /** Where along a new axis the largest or smallest lies. */
    private static Value place(GraphGrower from, Shape want) {
        int axis = from.choose().between(0, want.rank());
        Value x = from.grow(Extents.insert(want, axis, from.extra(want)));
        Value place = from.choose().yes() ? from.g().argmax(x, axis, false) : from.g().argmin(x, axis, false);
        if (from.choose().oneIn(4)) {
            from.ask(place);
        }
        return from.g().cast(place, DType.F32);
    }

    private static Value running(GraphGrower from, Shape want) {
        Value x = from.g().stopGradient(from.grow(want));
        ReduceOp kind = from.choose().oneOf(ReduceOp.PROD, ReduceOp.MAX, ReduceOp.MIN);
        return from.g().emitOne(new Scan(kind, from.axis(want), false, from.choose().yes()), x);
    }

    private static Value layerNorm(GraphGrower from, Shape want) {
        Shape slice = Extents.part(want, from.choose().between(0, want.rank() - 1), want.rank());
        Value x = from.grow(want);
        return switch (from.choose().between(0, 2)) {
            case 0 -> from.g().layerNorm(x, slice, 1e-2);
            case 1 -> from.g().layerNorm(x, from.grow(slice), from.grow(slice), 1e-2);
            default -> from.g().rmsNorm(x, from.grow(slice), 1e-2);
        };
    }

    private static Value groupNorm(GraphGrower from, Shape want) {
        int channels = want.extent(1);
        int groups = from.choose().oneOf(1, channels, channels % 2 == 0 ? channels / 2 : 1);
        Value x = from.grow(want);
        return from.choose().yes() ? from.g().groupNorm(x, groups, 1e-2)
                : from.g().groupNorm(x, groups, from.grow(Shape.of(channels)), from.grow(Shape.of(channels)), 1e-2);
    }

    /** In training, with statistics that move with the step. */
    private static Value batchNorm(GraphGrower from, Shape want) {
        Shape channels = Shape.of(want.extent(1));
        Value x = from.grow(want);
        boolean affine = from.choose().yes();
        Value mean = from.state(channels);
        Value variance = from.state(channels);
        BatchNormalised normal = affine
                ? from.g().batchNorm(x, from.grow(channels), from.grow(channels), mean, variance, 0.1, 1e-2)
                : from.g().batchNorm(x, mean, variance, 0.1, 1e-2);
        from.g().assign(mean, normal.runningMean());
        from.g().assign(variance, normal.runningVar());
        return normal.y();
    }

    private static Value batchNormInference(GraphGrower from, Shape want) {
        Shape channels = Shape.of(want.extent(1));
        Value variance = from.g().square(from.g().tanh(from.grow(channels)));
        return from.choose().yes() ? from.g().batchNormInference(from.grow(want), from.grow(channels), variance, 1e-1)
                : from.g().batchNormInference(from.grow(want), from.grow(channels), from.grow(channels), from.grow(channels), variance, 1e-1);
    }

    private static Value crossEntropy(GraphGrower from, Shape want) {
        int rows = from.choose().between(1, 9);
        int classes = from.choose().extent(33);
        return from.g().reshape(from.g().softmaxCrossEntropy(from.grow(Shape.of(rows, classes)), from.index(Shape.of(rows), classes),
                from.choose().oneOf(0.0, 0.1)), want);
    }
}
