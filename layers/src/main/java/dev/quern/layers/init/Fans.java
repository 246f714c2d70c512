package dev.quern.layers.init;

/**
 * How many inputs one output of a layer sees, and how many outputs one input feeds: what initialisers scale by.
 *
 * @param in  inputs an output; for a convolution, channels of a group times the kernel's area
 * @param out outputs an input
 */
public record Fans(int in, int out) {
    public Fans {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("fans " + in + " and " + out + " must be at least 1");
        }
    }
}
