package dev.quern.kernels;

/** Whether a kernel reads or writes an operand. */
public enum Role {
    /** Read only. */
    INPUT,
    /** Every element is written, none is read before it is written. */
    OUTPUT,
    /** Some elements are written, those of a window, none of them is read before; the others stay as they are. */
    WINDOW
}
