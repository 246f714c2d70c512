package dev.quern.layers.nn;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * The average over windows whose size follows from the output's: x [N, C, H, W] becomes [N, C, height, width]. PyTorch's
 * {@code AdaptiveAvgPool2d}: output row i averages rows floor(i * H / height) to ceil((i + 1) * H / height) - 1, columns alike. With
 * height and width 1 it is global average pooling (Lin, Chen, Yan, "Network in network", 2013).
 *
 * @param height rows of the output
 * @param width  columns of the output
 * @param madeAt the user's line
 */
public record AdaptiveAvgPool2d(int height, int width, SourceLine madeAt) implements Layer {
    public AdaptiveAvgPool2d {
        if (height < 1 || width < 1) {
            throw new QuernException("AdaptiveAvgPool2d(" + height + ", " + width + "): both must be at least 1");
        }
    }

    /** A square output. */
    public static AdaptiveAvgPool2d of(int size) {
        return new AdaptiveAvgPool2d(size, size, SourceLine.ofCaller());
    }

    /** An output of so many rows and columns. */
    public static AdaptiveAvgPool2d of(int height, int width) {
        return new AdaptiveAvgPool2d(height, width, SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 4) {
            throw context.complaint(this, "input " + shape + ", expected [N, C, H, W]");
        }
        int h = shape.extent(2);
        int w = shape.extent(3);
        GraphBuilder graph = context.graph();
        if (h == height && w == width) {
            return input;
        }
        if (height == 1 && width == 1) {
            return graph.reduceMean(input, true, 2, 3);
        }
        if (h % height == 0 && w % width == 0) {
            return graph.avgPool2d(input, Pool2dAttributes.kernel(h / height, w / width));
        }
        // A mean over a rectangle is the mean over its columns of the means over its rows.
        return means(graph, means(graph, input, 2, height), 3, width);
    }

    private static Value means(GraphBuilder graph, Value x, int axis, int places) {
        int extent = x.shape().extent(axis);
        if (extent == places) {
            return x;
        }
        Value[] means = new Value[places];
        for (int i = 0; i < places; i++) {
            int first = (int) ((long) i * extent / places);
            int last = (int) Math.ceilDiv((i + 1L) * extent, (long) places);
            means[i] = graph.reduceMean(graph.slice(x, axis, first, last), true, axis);
        }
        return graph.concat(axis, means);
    }

    @Override
    public String toString() {
        return "AdaptiveAvgPool2d(" + height + "x" + width + ")";
    }
}
