package dev.quern.kernels.pool;

import dev.quern.runtime.DType;

/** A thread's own memory for one plane: its input side, its output side, and where maxima were found. */
record PlaneScratch(float[] input, float[] output, int[] indices, DType dtype) {
    PlaneScratch(Pool2dGeometry g, DType dtype) {
        this(new float[g.h() * g.w()], new float[g.p() * g.q()], new int[g.p() * g.q()], dtype);
    }
}
