package dev.quern.kernels;

import java.util.List;

/**
 * What a kernel family solves: sizes, types and attributes, without data. Implementations are records that check
 * themselves when they are made, so that an impossible problem never reaches a device.
 */
public interface Problem {
    /** The name of its family: {@code gemm}, {@code conv2d-forward}, {@code softmax}. */
    String family();

    /** The tensors, in the order in which launches refer to them: inputs first, then outputs. */
    List<Operand> operands();

    /** The least work that any variant needs. */
    Cost cost();

    /**
     * Whether an epilogue may ride on the first output of several, while the others are stored as they are. Problems of a
     * single output have nothing to decide.
     */
    default boolean epilogueOnFirstOutput() {
        return false;
    }

    /** A canonical one-line description, equal for equal problems: the key of tuning databases and traces. */
    String key();
}
