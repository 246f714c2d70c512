package dev.quern.kernels;

/**
 * The least work that a problem needs, whatever the variant: each operand moved once.
 *
 * @param flops floating-point operations; a fused multiply-add counts as two
 * @param bytes bytes read and written
 */
public record Cost(double flops, double bytes) {
    /** The cost of moving every operand once, with this many operations. */
    public static Cost of(double flops, Iterable<Operand> operands) {
        double bytes = 0;
        for (Operand operand : operands) {
            bytes += operand.bytes();
        }
        return new Cost(flops, bytes);
    }

    /** The sum of two costs. */
    public Cost plus(Cost other) {
        return new Cost(flops + other.flops, bytes + other.bytes);
    }
}
