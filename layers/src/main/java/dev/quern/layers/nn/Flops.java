package dev.quern.layers.nn;

import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Attention;
import dev.quern.graph.op.Conv2d;
import dev.quern.graph.op.Conv2dBackwardData;
import dev.quern.graph.op.MatMul;
import dev.quern.graph.op.Recurrent;
import dev.quern.runtime.Shape;

/** Counts the multiplications and additions of products; each product with its addition counts as two. */
final class Flops {
    private Flops() {
    }

    /** Those of a node; 0 of one that multiplies nothing with anything but element by element. */
    static long of(Node node) {
        return switch (node.op()) {
            case Conv2d _ -> 2 * node.types().getFirst().shape().elements() * perOutput(shape(node, 1));
            // A transposed convolution is a convolution from its output to its input.
            case Conv2dBackwardData _ -> 2 * shape(node, 0).elements() * perOutput(shape(node, 1));
            case MatMul op -> 2 * node.types().getFirst().shape().elements() * op.k(shape(node, 0));
            case Recurrent _ -> 2L * shape(node, 0).extent(0) * shape(node, 0).extent(1)
                    * (shape(node, 1).elements() + shape(node, 2).elements());
            case Attention _ -> 2 * shape(node, 0).elements(0, 3) * shape(node, 1).extent(2)
                    * (shape(node, 0).extent(3) + (long) shape(node, 2).extent(3));
            default -> 0;
        };
    }

    private static Shape shape(Node node, int input) {
        return node.inputs().get(input).shape();
    }

    /** Products a filter sums up for one output. */
    private static long perOutput(Shape filter) {
        return filter.elements(1, 4);
    }
}
