package dev.quern.kernels.expr;

/** What the classes implement that {@link LoopBytecode} writes. */
@FunctionalInterface
interface LoopCode {
    /**
     * Runs the loops of a {@link LoopProgram}.
     *
     * @param blocks    the block of each value that has one
     * @param uniforms  the value of each uniform input
     * @param exponents scratch for {@link HostExp}
     * @param count     how many elements of each block
     */
    void evaluate(float[][] blocks, float[] uniforms, int[] exponents, int count);
}
