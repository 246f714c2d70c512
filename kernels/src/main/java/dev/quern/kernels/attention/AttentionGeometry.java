package dev.quern.kernels.attention;

import dev.quern.kernels.Operand;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Scaled dot-product attention, o = softmax(scale * q k^T + mask) v, with q [batch, heads, queries, dim], k [batch, heads, keys,
 * dim], v [batch, heads, keys, valueDim] and o [batch, heads, queries, valueDim].
 *
 * <p>A query sees a key unless something hides it: a causal mask hides keys behind the query (key &gt; query; both counted from
 * their first, as PyTorch's {@code is_causal}), a length hides the keys past it, and minus infinity in the additive mask
 * hides one pair. Everything else of the mask is added to the scaled scores. A query that sees no key has the result 0,
 * the log-sum-exp minus infinity, and no gradient.
 *
 * @param batch      sequences, at least 1
 * @param heads      heads, at least 1
 * @param queries    queries in a sequence, at least 1
 * @param keys       keys in a sequence, at least 1
 * @param dim        length of a query and of a key, at least 1
 * @param valueDim   length of a value, at least 1
 * @param scale      what scores are multiplied by, finite; usually 1 / sqrt(dim)
 * @param causal     whether a query sees only keys up to its own position
 * @param keyLengths whether each sequence has its own number of keys, an operand I32 [batch]. A length outside [0, keys]
 *                   makes the sequence's results NaN
 * @param mask       whether there is an additive mask, an operand F32 [queries, keys]
 * @param dtype      the storage type of q, k, v, o and their gradients: F32, F16 or BF16
 */
public record AttentionGeometry(int batch, int heads, int queries, int keys, int dim, int valueDim, float scale, boolean causal,
        boolean keyLengths, boolean mask, DType dtype) {
    public AttentionGeometry {
        String text = "attention of q [" + batch + ", " + heads + ", " + queries + ", " + dim + "], k [" + batch + ", " + heads
                + ", " + keys + ", " + dim + "] and v [" + batch + ", " + heads + ", " + keys + ", " + valueDim + "]";
        if (batch < 1 || heads < 1 || queries < 1 || keys < 1 || dim < 1 || valueDim < 1) {
            throw new QuernException(text + ": every extent must be at least 1");
        }
        double largest = (double) batch * heads * Math.max(queries, keys) * Math.max(dim, valueDim);
        if (largest > Integer.MAX_VALUE || mask && (double) queries * keys > Integer.MAX_VALUE) {
            throw new QuernException(text + ": an operand has more than 2^31 - 1 elements; split the batch");
        }
        if (!Float.isFinite(scale)) {
            throw new QuernException(text + ": scale " + scale + " must be finite");
        }
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException(text + ": storage type " + dtype + " must be F32, F16 or BF16");
        }
    }

    /** Attention in F32 with values as long as keys, the scale 1 / sqrt(dim) and no mask. */
    public static AttentionGeometry of(int batch, int heads, int queries, int keys, int dim) {
        return new AttentionGeometry(batch, heads, queries, keys, dim, dim, (float) (1 / Math.sqrt(dim)), false, false, false,
                DType.F32);
    }

    /** This with a causal mask. */
    public AttentionGeometry withCausalMask() {
        return new AttentionGeometry(batch, heads, queries, keys, dim, valueDim, scale, true, keyLengths, mask, dtype);
    }

    /** This with an operand that says how many keys each sequence has. */
    public AttentionGeometry withKeyLengths() {
        return new AttentionGeometry(batch, heads, queries, keys, dim, valueDim, scale, causal, true, mask, dtype);
    }

    /** This with an additive mask. */
    public AttentionGeometry withMask() {
        return new AttentionGeometry(batch, heads, queries, keys, dim, valueDim, scale, causal, keyLengths, true, dtype);
    }

    /** This with values of another length. */
    public AttentionGeometry withValueDim(int length) {
        return new AttentionGeometry(batch, heads, queries, keys, dim, length, scale, causal, keyLengths, mask, dtype);
    }

    /** This with another scale. */
    public AttentionGeometry withScale(float factor) {
        return new AttentionGeometry(batch, heads, queries, keys, dim, valueDim, factor, causal, keyLengths, mask, dtype);
    }

    /** This with another storage type. */
    public AttentionGeometry storedAs(DType type) {
        return new AttentionGeometry(batch, heads, queries, keys, dim, valueDim, scale, causal, keyLengths, mask, type);
    }

    /** Heads of all sequences together. */
    public int allHeads() {
        return batch * heads;
    }

    /** The pairs of query and key that the causal mask leaves, of all heads. */
    public double pairs() {
        double of = causal ? 0 : (double) queries * keys;
        if (causal) {
            double within = Math.min(queries, keys);
            of = within * (within + 1) / 2 + (double) Math.max(0, queries - keys) * keys;
        }
        return of * allHeads();
    }

    Shape queryShape() {
        return Shape.of(batch, heads, queries, dim);
    }

    Shape keyShape() {
        return Shape.of(batch, heads, keys, dim);
    }

    Shape valueShape() {
        return Shape.of(batch, heads, keys, valueDim);
    }

    Shape resultShape() {
        return Shape.of(batch, heads, queries, valueDim);
    }

    Shape rowShape() {
        return Shape.of(batch, heads, queries);
    }

    /** The operands that hide keys: key lengths, then the mask, each only if there is one. */
    List<Operand> maskOperands() {
        List<Operand> operands = new ArrayList<>();
        if (keyLengths) {
            operands.add(Operand.input("key_lengths", DType.I32, Shape.of(batch)));
        }
        if (mask) {
            operands.add(Operand.input("mask", DType.F32, Shape.of(queries, keys)));
        }
        return operands;
    }

    /** For example {@code f32 2x3x10x12 dim=16,8 scale=0.25 causal lengths mask}. */
    String text() {
        return dtype.name().toLowerCase(Locale.ROOT) + " " + batch + "x" + heads + "x" + queries + "x" + keys + " dim=" + dim + ","
                + valueDim + " scale=" + scale + (causal ? " causal" : "") + (keyLengths ? " lengths" : "")
                + (mask ? " mask" : "");
    }
}
