package dev.quern.kernels.expr;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The prologues of a kernel, by the position of the input operand that each is applied to.
 *
 * @param byOperand the prologues; empty ones are left out
 */
public record Prologues(SortedMap<Integer, Prologue> byOperand) {
    private static final Prologues NONE = new Prologues(new TreeMap<>());

    public Prologues {
        TreeMap<Integer, Prologue> some = new TreeMap<>(byOperand);
        some.values().removeIf(Prologue::isEmpty);
        byOperand = Collections.unmodifiableSortedMap(some);
    }

    /** No prologue for any operand. */
    public static Prologues none() {
        return NONE;
    }

    /** This with a prologue for an operand. */
    public Prologues with(int operand, Prologue prologue) {
        TreeMap<Integer, Prologue> more = new TreeMap<>(byOperand);
        more.put(operand, prologue);
        return new Prologues(more);
    }

    /** The prologue of an operand, empty if it has none. */
    public Prologue of(int operand) {
        return byOperand.getOrDefault(operand, Prologue.none());
    }

    /** Whether no operand has one. */
    public boolean isEmpty() {
        return byOperand.isEmpty();
    }
}
