package dev.quern.kernels;

/** Whether a kernel reads or writes an operand. */
public enum Role {
    /** Read only. */
    INPUT,
    /** Every element is written, none is read before it is written. */
    OUTPUT
}
