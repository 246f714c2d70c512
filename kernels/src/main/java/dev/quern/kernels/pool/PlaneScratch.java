package dev.quern.kernels.pool;

/** A thread's own memory for one plane: its input side, its output side, and where maxima were found. */
record PlaneScratch(float[] input, float[] output, int[] indices) {
    PlaneScratch(Pool2dGeometry g) {
        this(new float[g.h() * g.w()], new float[g.p() * g.q()], new int[g.p() * g.q()]);
    }
}
