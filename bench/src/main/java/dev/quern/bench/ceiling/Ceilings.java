package dev.quern.bench.ceiling;

/**
 * The most that a device was seen to do.
 *
 * @param copy     bytes a second, read and written both counted, of the fastest copy kernel on memory past the caches
 * @param copyBy   which kernel that was
 * @param read     bytes a second of the fastest kernel that reads and sums
 * @param readBy   which kernel that was
 * @param flops    floating-point operations a second of fused multiply-adds in registers, f32
 * @param flopsBy  which kernel that was
 */
public record Ceilings(double copy, String copyBy, double read, String readBy, double flops, String flopsBy) {
    /**
     * Operations that write less than this share of their bytes are held against reading: where memory reads slower than it copies, nothing
     * else is within their reach.
     */
    private static final double MOSTLY_READING = 0.1;

    /** What a piece of work is bound by. */
    public enum Bound {
        /** Moving its operands. */
        COPY,
        /** Reading them. */
        READ,
        /** Arithmetic. */
        FLOPS,
        /** A matrix product of 1024 x 1024 x 1024, measured in turns with the work. */
        GEMM;

        /** Whether operations are counted, not bytes. */
        public boolean counting() {
            return this == FLOPS || this == GEMM;
        }
    }

    /**
     * A place under the roofline (Williams, Waterman and Patterson, 2009).
     *
     * @param bound   which ceiling is the lower one for this work
     * @param seconds the least time that the ceilings allow
     */
    public record Roof(Bound bound, double seconds) {
        /** The share of the ceiling that a time comes to; above 1 where fewer operations are made than counted. */
        public double share(double millis) {
            return seconds * 1e3 / millis;
        }
    }

    /** The roof over work of so many operations and bytes, of which some are written. */
    public Roof roof(double operations, double bytes, double written) {
        boolean reads = written < MOSTLY_READING * bytes;
        double moving = bytes / (reads ? read : copy);
        double computing = operations / flops;
        return computing >= moving ? new Roof(Bound.FLOPS, computing) : new Roof(reads ? Bound.READ : Bound.COPY, moving);
    }
}
