package dev.quern.graph.op;

import java.util.Optional;

/**
 * What hides keys from queries in attention, besides what lies in the scores.
 *
 * @param causal     whether a query sees only keys up to its own position, both counted from their first
 * @param keyLengths how many keys each sequence has, I32 [N]; a length outside [0, keys] makes its sequence's results NaN
 * @param additive   what is added to the scaled scores, F32 [queries, keys]; minus infinity hides. It has no gradient
 */
public record AttentionMask(boolean causal, Optional<Value> keyLengths, Optional<Value> additive) {
    /** Every query sees every key. */
    public static AttentionMask none() {
        return new AttentionMask(false, Optional.empty(), Optional.empty());
    }

    /** A query sees only keys up to its own position. */
    public static AttentionMask causalOnly() {
        return new AttentionMask(true, Optional.empty(), Optional.empty());
    }

    /** This, and keys past their sequence's length are hidden. */
    public AttentionMask withKeyLengths(Value lengths) {
        return new AttentionMask(causal, Optional.of(lengths), additive);
    }

    /** This, and a tensor is added to the scaled scores. */
    public AttentionMask withAdditive(Value mask) {
        return new AttentionMask(causal, keyLengths, Optional.of(mask));
    }
}
