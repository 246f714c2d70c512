package dev.quern.kernels.gemm;

import dev.quern.kernels.VectorWidth;
import dev.quern.runtime.DeviceInfo;

/**
 * Predicts how well the two CPU rungs do, from sizes alone, so that the heuristic can choose between them. The constants were
 * measured on an Ice Lake core (512-bit registers, 1.25 MiB of second-level cache), each rung against the register-only peak:
 *
 * <pre>
 * direct_cpu  nn 64x400x120 0.66, 256^3 0.77, 384^3 0.77, 512^3 0.65, 64x1024x1024 0.27
 *             nt 64x120x400 0.60, 64x1024x1024 0.75, 160^3 0.45    (lanes are added up once a sum: a short k pays for it)
 *             tn 120x400x64 0.62, 384^3 0.49, 1024x1024x64 0.34
 * packed_cpu  nn 64x400x120 0.52, 256^3 0.73, 512^3 0.79, 64x1024x1024 0.39    nt 160^3 0.57    tn 1024x1024x64 0.74
 * </pre>
 *
 * <p>Of the products with a short side, by the clock (milliseconds of direct_cpu, skinny_cpu, packed_cpu): nn 1760x16x1760 0.95,
 * 0.89, 2.80; 1760x128x1760 5.1, 4.5, 6.0; 2560x64x2560 5.1, 4.5, 8.9; 4096x16x4096 5.4, 5.0, 15.6.
 */
final class CpuGemmCost {
    /** Cycles that a launch costs before its first work-item runs. */
    private static final double LAUNCH = 25_000;
    /** Cycles to pack one element. */
    private static final double PACK = 1.1;
    /** The same by who multiplies it, its memory fetched before. */
    private static final double PACK_IN_CACHE = 0.6;
    private static final double SECOND_LEVEL_CACHE = 768 * 1024;
    private static final double FIRST_LEVEL_CACHE = 48 * 1024;
    /** Above the rungs that do not keep their sums in vector registers. */
    private static final double LEAST = 0.05;

    private CpuGemmCost() {
    }

    /** The share of peak that packed_cpu should reach. */
    static double packed(GemmProblem problem, DeviceInfo device) {
        double m = problem.m();
        double n = problem.n();
        double k = problem.k();
        double elements = (problem.sharedA() ? 1 : problem.batch()) * m * k + (problem.sharedB() ? 1 : problem.batch()) * k * n;
        double padding = MicroTile.choose(VectorWidth.of(device), problem.m(), problem.n()).covered(problem.m(), problem.n()) / (m * n);
        return share(problem, device, 0.85 / padding, 2 * LAUNCH, PACK * elements);
    }

    /** The share of peak that skinny_cpu should reach. */
    static double skinny(GemmProblem problem, DeviceInfo device) {
        double m = problem.m();
        double n = problem.n();
        double small = Math.min(m, n) * problem.k() * problem.batch();
        return share(problem, device, 0.84, 2 * LAUNCH, PACK * small);
    }

    /** The share of peak that wide_cpu should reach. */
    static double wide(GemmProblem problem, DeviceInfo device) {
        double m = problem.m();
        double n = problem.n();
        double padding = MicroTile.choose(VectorWidth.of(device), problem.m(), problem.n()).covered(problem.m(), problem.n()) / (m * n);
        double k = (double) problem.k() * problem.batch();
        return share(problem, device, 0.8 / padding, 2 * LAUNCH, PACK * Math.min(m, n) * k + PACK_IN_CACHE * Math.max(m, n) * k);
    }

    /** The share of peak that direct_cpu should reach. */
    static double direct(GemmProblem problem, DeviceInfo device, boolean dots) {
        double rate;
        if (dots) {
            rate = 0.85 * problem.k() / (problem.k() + 140.0);
        } else {
            double bytesB = 4.0 * problem.k() * problem.n();
            rate = bytesB > SECOND_LEVEL_CACHE && problem.m() > 24 ? 0.35 : 0.8;
            if (problem.transposeA() && 4.0 * problem.k() * problem.m() > FIRST_LEVEL_CACHE) {
                rate = Math.min(rate, 0.45);
            }
        }
        double padding = Math.ceil(problem.m() / 8.0) * 8 / problem.m();
        return share(problem, device, rate / padding, LAUNCH, 0);
    }

    private static double share(GemmProblem problem, DeviceInfo device, double rate, double launches, double extra) {
        double lanes = 2.0 * VectorWidth.of(device);
        double ideal = problem.cost().flops() / 2 / (lanes * device.computeUnits());
        return Math.clamp(ideal / (launches + extra / device.computeUnits() + ideal / rate), LEAST, 0.95);
    }
}
