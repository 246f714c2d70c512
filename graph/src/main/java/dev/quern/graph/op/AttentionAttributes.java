package dev.quern.graph.op;

import dev.quern.kernels.attention.AttentionGeometry;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * What attention and its gradient are told besides their tensors.
 *
 * @param scale      what scores are multiplied by
 * @param causal     whether there is a causal mask
 * @param keyLengths whether key lengths are an operand
 * @param mask       whether an additive mask is an operand
 */
public record AttentionAttributes(float scale, boolean causal, boolean keyLengths, boolean mask) {
    /** How many operands hide keys. */
    int masks() {
        return (keyLengths ? 1 : 0) + (mask ? 1 : 0);
    }

    /**
     * The kernel family's geometry.
     *
     * @param q the queries' shape [N, heads, queries, dim]
     * @param k the keys' shape [N, heads, keys, dim]
     * @param v the values' shape [N, heads, keys, valueDim]
     */
    public AttentionGeometry geometry(Shape q, Shape k, Shape v) {
        return new AttentionGeometry(q.extent(0), q.extent(1), q.extent(2), k.extent(2), q.extent(3), v.extent(3), scale, causal,
                keyLengths, mask, DType.F32);
    }

    /** Checks q, k, v and the operands that hide keys, in this order. */
    void check(List<TensorType> inputs) {
        String[] names = {"q", "k", "v"};
        for (int i = 0; i < 3; i++) {
            Types.f32(names[i], inputs.get(i));
            Types.rank(names[i], inputs.get(i), 4, "N, heads, length, dim");
        }
        Shape q = inputs.get(0).shape();
        Shape k = inputs.get(1).shape();
        Shape v = inputs.get(2).shape();
        String shapes = "q " + q + ", k " + k + " and v " + v + ": ";
        if (q.elements() == 0 || k.elements() == 0 || v.elements() == 0) {
            throw new IllegalOperandException(shapes + "every extent must be at least 1");
        }
        if (q.extent(0) != k.extent(0) || q.extent(1) != k.extent(1) || k.extent(0) != v.extent(0) || k.extent(1) != v.extent(1)) {
            throw new IllegalOperandException(shapes + "N and heads must be the same");
        }
        if (q.extent(3) != k.extent(3)) {
            throw new IllegalOperandException(shapes + "queries and keys must be of one length, not " + q.extent(3) + " and "
                    + k.extent(3) + "; are these laid out as N, heads, length, dim?");
        }
        if (k.extent(2) != v.extent(2)) {
            throw new IllegalOperandException(shapes + k.extent(2) + " keys and " + v.extent(2)
                    + " values; there must be a value for each key");
        }
        if (!Float.isFinite(scale)) {
            throw new IllegalOperandException("scale " + scale + " must be finite");
        }
        if (keyLengths && !inputs.get(3).equals(new TensorType(DType.I32, Shape.of(q.extent(0))))) {
            throw new IllegalOperandException(shapes + "key lengths " + inputs.get(3) + " must be I32[" + q.extent(0)
                    + "], one number a sequence");
        }
        if (mask && !inputs.get(2 + masks()).equals(TensorType.f32(Shape.of(q.extent(2), k.extent(2))))) {
            throw new IllegalOperandException(shapes + "mask " + inputs.get(2 + masks()) + " must be F32[" + q.extent(2) + ", "
                    + k.extent(2) + "], queries and keys");
        }
    }

    @Override
    public String toString() {
        return "scale=" + scale + (causal ? " causal" : "") + (keyLengths ? " lengths" : "") + (mask ? " mask" : "");
    }
}
