package dev.quern.graph.fuzz;

import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** What regions form around: matrix products, convolutions, pooling, recurrent layers and attention. */
final class ContractionRules {
    static final List<Rule> ALL = List.of(
            Rule.ofRank(2, ContractionRules::product),
            Rule.ofRank(2, ContractionRules::linear),
            Rule.of(shape -> shape.rank() == 3, ContractionRules::convolution1d),
            Rule.of(shape -> shape.rank() == 4, ContractionRules::convolution),
            Rule.of(shape -> shape.rank() == 4, ContractionRules::convolution),
            Rule.of(shape -> shape.rank() == 4, ContractionRules::transposedConvolution),
            Rule.of(shape -> shape.rank() == 4, ContractionRules::pooled),
            Rule.of(shape -> shape.rank() == 3 && shape.elements() <= 300, ContractionRules::recurrent),
            Rule.of(shape -> shape.rank() == 4, ContractionRules::attention));

    private ContractionRules() {
    }

    private static Value product(GraphGrower from, Shape want) {
        int rank = want.rank();
        int m = want.extent(-2);
        int n = want.extent(-1);
        int k = from.extra(Shape.of(Math.max(m, n), (int) (want.elements() / m / n)));
        boolean transposeA = from.choose().yes();
        boolean transposeB = from.choose().yes();
        Shape leading = Extents.part(want, 0, rank - 2);
        // A matrix of the left or the right for all of a batch, now and then.
        Shape left = from.choose().oneIn(4) ? Shape.scalar() : leading;
        Shape right = !left.equals(leading) || from.choose().yes() ? leading : Shape.scalar();
        Value a = from.grow(matrix(left, transposeA ? k : m, transposeA ? m : k));
        Value b = from.grow(matrix(right, transposeB ? n : k, transposeB ? k : n));
        return from.g().mul(from.g().matmul(a, b, transposeA, transposeB), from.g().constant(1 / Math.sqrt(k)));
    }

    private static Shape matrix(Shape leading, int rows, int columns) {
        return Extents.insert(Extents.insert(leading, leading.rank(), rows), leading.rank() + 1, columns);
    }

    /** A layer of a network, for what usually follows one: a bias and an activation. */
    private static Value linear(GraphGrower from, Shape want) {
        int n = want.extent(-1);
        int k = from.extra(want);
        Value x = from.g().reshape(from.grow(Extents.with(want, want.rank() - 1, k)), -1, k);
        Value y = from.g().matmul(x, from.parameter(Shape.of(n, k)), false, true);
        return from.g().reshape(activated(from, from.g().add(y, from.parameter(Shape.of(n)))), want);
    }

    private static Value activated(GraphGrower from, Value y) {
        return switch (from.choose().between(0, 3)) {
            case 0 -> y;
            case 1 -> from.g().relu(y);
            case 2 -> from.g().tanh(y);
            default -> from.g().dropout(from.g().sigmoid(y), 0.25);
        };
    }

    private static int groups(GraphGrower from, int channels) {
        return from.choose().oneIn(3) ? channels : channels % 2 == 0 && from.choose().yes() ? 2 : 1;
    }

    private static Value convolution1d(GraphGrower from, Shape want) {
        int window = from.choose().between(1, 3);
        int stride = from.choose().between(1, 2);
        int length = (want.extent(2) - 1) * stride + window;
        int padding = Math.min(from.choose().between(0, window - 1), (length - 1) / 2);
        int groups = groups(from, want.extent(1));
        int c = groups * from.choose().between(1, 2);
        Shape x = Shape.of(want.extent(0), c, length - 2 * padding);
        if (!GraphGrower.hasRoom(x)) {
            return linear(from, want);
        }
        return from.g().conv1d(from.grow(x), from.grow(Shape.of(want.extent(1), c / groups, window)), stride, padding, 1, groups);
    }

    private static Value convolution(GraphGrower from, Shape want) {
        int r = from.choose().between(1, 3);
        int s = from.choose().between(1, 3);
        int stride = from.choose().between(1, 2);
        int dilation = from.choose().between(1, 2);
        int h = (want.extent(2) - 1) * stride + (r - 1) * dilation + 1;
        int w = (want.extent(3) - 1) * stride + (s - 1) * dilation + 1;
        int padH = Math.min(from.choose().between(0, r - 1), (h - 1) / 2);
        int padW = Math.min(from.choose().between(0, s - 1), (w - 1) / 2);
        int groups = groups(from, want.extent(1));
        int c = groups * from.choose().between(1, 3);
        Shape x = Shape.of(want.extent(0), c, h - 2 * padH, w - 2 * padW);
        if (!GraphGrower.hasRoom(x)) {
            return pooled(from, want);
        }
        Value y = from.g().conv2d(from.grow(x), from.grow(Shape.of(want.extent(1), c / groups, r, s)),
                Conv2dAttributes.defaults().stride(stride).dilation(dilation).padding(padH, padW).groups(groups));
        Value biased = from.choose().yes() ? y : from.g().add(y, from.parameter(Shape.of(want.extent(1), 1, 1)));
        return activated(from, biased);
    }

    private static Value transposedConvolution(GraphGrower from, Shape want) {
        int r = Math.min(from.choose().between(1, 3), want.extent(2));
        int s = Math.min(from.choose().between(1, 3), want.extent(3));
        int stride = from.choose().between(1, 2);
        int p = (want.extent(2) - r) / stride + 1;
        int q = (want.extent(3) - s) / stride + 1;
        int groups = groups(from, want.extent(1));
        int k = groups * from.choose().between(1, 2);
        Shape x = Shape.of(want.extent(0), k, p, q);
        if (!GraphGrower.hasRoom(x)) {
            return pooled(from, want);
        }
        return from.g().convTranspose2d(from.grow(x), from.grow(Shape.of(k, want.extent(1) / groups, r, s)),
                Conv2dAttributes.defaults().stride(stride).groups(groups), (want.extent(2) - r) % stride, (want.extent(3) - s) % stride);
    }

    private static Value pooled(GraphGrower from, Shape want) {
        int window = from.choose().between(1, 3);
        int stride = from.choose().between(1, 2);
        int h = (want.extent(2) - 1) * stride + window;
        int w = (want.extent(3) - 1) * stride + window;
        int padding = Math.min(from.choose().between(0, window / 2), (Math.min(h, w) - 1) / 2);
        Shape x = Shape.of(want.extent(0), want.extent(1), h - 2 * padding, w - 2 * padding);
        if (!GraphGrower.hasRoom(x)) {
            return from.g().softmax(from.grow(want), 3);
        }
        Pool2dAttributes pool = Pool2dAttributes.kernel(window).stride(stride).padding(padding);
        if (from.choose().yes()) {
            return from.g().avgPool2d(from.grow(x), pool.countIncludePad(from.choose().yes()));
        }
        Value operand = from.grow(x);
        return from.g().maxPool2d(from.choose().yes() ? from.g().relu(operand) : operand, pool);
    }

    /** One or two layers in one or two directions, some with initial states or lengths. */
    private static Value recurrent(GraphGrower from, Shape want) {
        RecurrentCell cell = from.choose().oneOf(RecurrentCell.values());
        boolean both = want.extent(2) % 2 == 0 && from.choose().yes();
        int hidden = both ? want.extent(2) / 2 : want.extent(2);
        int features = from.choose().between(1, 5);
        int layers = from.choose().oneIn(4) ? 2 : 1;
        boolean bias = from.choose().yes();
        int rows = cell.gates() * hidden;
        List<RecurrentWeights> weights = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int direction = both ? 2 : 1; direction > 0; direction--) {
                Value ih = from.parameter(Shape.of(rows, layer == 0 ? features : want.extent(2)));
                Value hh = from.parameter(Shape.of(rows, hidden));
                weights.add(bias ? RecurrentWeights.of(ih, hh, from.parameter(Shape.of(rows)), from.parameter(Shape.of(rows)))
                        : RecurrentWeights.of(ih, hh));
            }
        }
        RecurrentNetwork network = RecurrentNetwork.of(cell, weights).bidirectional(both);
        Shape states = Shape.of(weights.size(), want.extent(1), hidden);
        if (from.choose().oneIn(3)) {
            network = cell == RecurrentCell.LSTM ? network.initial(from.grow(states), from.grow(states)) : network.initial(from.grow(states));
        }
        if (from.choose().oneIn(3)) {
            network = network.lengths(from.index(Shape.of(want.extent(1)), want.extent(0) + 1));
        }
        RecurrentOutput output = from.g().recurrent(network, from.grow(Shape.of(want.extent(0), want.extent(1), features)));
        if (from.choose().oneIn(3)) {
            from.ask(output.cn().orElse(output.hn()));
        }
        return output.y();
    }

    private static Value attention(GraphGrower from, Shape want) {
        int dim = from.choose().between(1, 9);
        int keys = from.choose().between(1, 9);
        Value q = from.grow(Extents.with(want, 3, dim));
        Value k = from.grow(Shape.of(want.extent(0), want.extent(1), keys, dim));
        Value v = from.grow(Shape.of(want.extent(0), want.extent(1), keys, want.extent(3)));
        AttentionMask mask = from.choose().oneIn(3) ? AttentionMask.causalOnly() : AttentionMask.none();
        if (from.choose().oneIn(4)) {
            mask = mask.withKeyLengths(from.index(Shape.of(want.extent(0)), keys + 1));
        }
        if (from.choose().oneIn(4)) {
            mask = mask.withAdditive(from.g().stopGradient(from.input(Shape.of(want.extent(2), keys))));
        }
        return from.g().scaledDotProductAttention(q, k, v, mask);
    }
}
