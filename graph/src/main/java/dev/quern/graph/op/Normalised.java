package dev.quern.graph.op;

import dev.quern.kernels.normalize.Affine;
import dev.quern.runtime.Shape;
import java.util.List;

/** What the shape and gradient rules of normalisations share: x is [N, C, ...], parameters are [C]. */
final class Normalised {
    private Normalised() {
    }

    /** Checks x and gives its shape. */
    static Shape channels(String what, TensorType x) {
        Types.f32("x", x);
        if (x.shape().rank() < 2) {
            throw new IllegalOperandException("x " + x.shape() + ": " + what + " takes [N, C, ...]");
        }
        if (x.shape().elements() > Integer.MAX_VALUE) {
            throw new IllegalOperandException("x " + x.shape() + ": " + what + " takes at most 2^31 - 1 elements");
        }
        return x.shape();
    }

    /** Elements of a channel of a sample. */
    static int inner(Shape x) {
        return Math.toIntExact(x.elements(2, x.rank()));
    }

    /** Checks a tensor with a number for each channel of x. */
    static void perChannel(TensorType type, Shape x) {
        Types.f32("parameter", type);
        Types.same("parameter", type, Shape.of(x.extent(1)));
    }

    /** How many of weight and bias exist. */
    static int parameters(Affine affine) {
        return (affine.weight() ? 1 : 0) + (affine.bias() ? 1 : 0);
    }

    /** Refuses gradients that flow into statistics. */
    static void onlyFirst(Backward backward, String label, int outputs) {
        for (int i = 1; i < outputs; i++) {
            if (backward.gradient(i).isPresent()) {
                throw new IllegalOperandException(label + ": its statistics have no gradient; compute them with reductions");
            }
        }
    }

    /** Gives x, weight and bias their gradients, which a backward op has computed together. */
    static void distribute(Backward backward, Affine affine, List<Value> gradients) {
        for (int i = 0; i <= parameters(affine); i++) {
            if (backward.wants(i)) {
                backward.to(i, gradients.get(i));
            }
        }
    }

    /** The error of ops whose own gradients are not supported. */
    static IllegalOperandException noSecond(String label) {
        return new IllegalOperandException(label + " has no gradient of its own: second derivatives through normalisation are "
                + "not supported");
    }
}
