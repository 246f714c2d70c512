package dev.quern.kernels.pool;

import dev.quern.kernels.HostStorage;
import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The four poolings of one plane, in Java. A plane is one thread's, so backward passes may add to it in any place. */
final class PlaneKernels {
    private PlaneKernels() {
    }

    private static void read(HostArguments arguments, int operand, long plane, PlaneScratch own, float[] target) {
        HostStorage.load(arguments.memory(operand), own.dtype(), plane * target.length, target, 0, target.length);
    }

    static float[] maxForward(PlaneWindows windows, HostArguments arguments, long plane, PlaneScratch own) {
        Pool2dGeometry g = windows.geometry();
        float[] x = own.input();
        read(arguments, 0, plane, own, x);
        if (g.isTwoByTwo()) {
            for (int p = 0; p < g.p(); p++) {
                maxOfPairs(x, 2 * p * g.w(), g.w(), own.output(), own.indices(), p * g.q(), g.q());
            }
            return own.output();
        }
        for (int p = 0, output = 0; p < g.p(); p++) {
            int top = windows.rows().first()[p] * g.w();
            int bottom = top + windows.rows().count()[p] * g.dilationH() * g.w();
            for (int q = 0; q < g.q(); q++, output++) {
                int left = windows.columns().first()[q];
                int right = left + windows.columns().count()[q] * g.dilationW();
                int place = top + left;
                float best = x[place];
                for (int row = top; row < bottom; row += g.dilationH() * g.w()) {
                    for (int w = left; w < right; w += g.dilationW()) {
                        float value = x[row + w];
                        // NaN fails every comparison but this one.
                        if (value > best || value != value) {
                            best = value;
                            place = row + w;
                        }
                    }
                }
                own.output()[output] = best;
                own.indices()[output] = place;
            }
        }
        return own.output();
    }

    /**
     * A row of 2x2 windows. Values are as good as random, so a branch would be mispredicted every other time: the largest of
     * four is found without one, and then where it was.
     */
    private static void maxOfPairs(float[] x, int upper, int w, float[] y, int[] indices, int output, int count) {
        for (int q = 0; q < count; q++) {
            int i = upper + 2 * q;
            float a = x[i];
            float b = x[i + 1];
            float c = x[i + w];
            float d = x[i + w + 1];
            float best = Math.max(Math.max(a, b), Math.max(c, d));
            int place;
            if (best == best) {
                int inLower = c == best ? w : w + 1;
                int notFirst = b == best ? 1 : inLower;
                place = a == best ? 0 : notFirst;
            } else {
                // The last NaN in window order.
                place = d != d ? w + 1 : c != c ? w : b != b ? 1 : 0;
            }
            y[output + q] = best;
            indices[output + q] = i + place;
        }
    }

    static float[] maxBackward(PlaneWindows windows, HostArguments arguments, long plane, PlaneScratch own) {
        float[] dx = own.input();
        int outputs = own.output().length;
        read(arguments, 0, plane, own, own.output());
        MemorySegment.copy(arguments.memory(1), ValueLayout.JAVA_INT, plane * outputs * Integer.BYTES, own.indices(), 0, outputs);
        Arrays.fill(dx, 0);
        for (int output = 0; output < outputs; output++) {
            dx[own.indices()[output]] += own.output()[output];
        }
        return dx;
    }

    static float[] averageForward(PlaneWindows windows, HostArguments arguments, long plane, PlaneScratch own) {
        Pool2dGeometry g = windows.geometry();
        float[] x = own.input();
        read(arguments, 0, plane, own, x);
        for (int p = 0, output = 0; p < g.p(); p++) {
            int top = windows.rows().first()[p] * g.w();
            int bottom = top + windows.rows().count()[p] * g.w();
            for (int q = 0; q < g.q(); q++, output++) {
                int left = windows.columns().first()[q];
                int right = left + windows.columns().count()[q];
                float sum = 0;
                for (int row = top; row < bottom; row += g.w()) {
                    for (int w = left; w < right; w++) {
                        sum += x[row + w];
                    }
                }
                own.output()[output] = sum / windows.pixels(p, q);
            }
        }
        return own.output();
    }

    static float[] averageBackward(PlaneWindows windows, HostArguments arguments, long plane, PlaneScratch own) {
        Pool2dGeometry g = windows.geometry();
        float[] dx = own.input();
        read(arguments, 0, plane, own, own.output());
        Arrays.fill(dx, 0);
        for (int p = 0, output = 0; p < g.p(); p++) {
            int top = windows.rows().first()[p] * g.w();
            int bottom = top + windows.rows().count()[p] * g.w();
            for (int q = 0; q < g.q(); q++, output++) {
                int left = windows.columns().first()[q];
                int right = left + windows.columns().count()[q];
                float share = own.output()[output] / windows.pixels(p, q);
                for (int row = top; row < bottom; row += g.w()) {
                    for (int w = left; w < right; w++) {
                        dx[row + w] += share;
                    }
                }
            }
        }
        return dx;
    }
}
