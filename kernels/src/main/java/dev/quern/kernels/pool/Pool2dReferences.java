package dev.quern.kernels.pool;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** The oracles of pooling: the definitions as loops. */
final class Pool2dReferences {
    private Pool2dReferences() {
    }

    static void maxForward(MaxPool2dForwardProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(0);
        HostTensor y = operands.get(1);
        eachWindow(problem.geometry(), window -> {
            double best = Double.NEGATIVE_INFINITY;
            int place = -1;
            for (int i = 0; i < window.count; i++) {
                double value = x.get(window.plane * window.planeSize + window.pixels[i]);
                if (place < 0 || value > best || Double.isNaN(value)) {
                    best = value;
                    place = window.pixels[i];
                }
            }
            y.set(window.output, best);
            if (problem.withIndices()) {
                operands.get(2).set(window.output, place);
            }
        });
    }

    static void maxBackward(MaxPool2dBackwardProblem problem, List<HostTensor> operands) {
        HostTensor dy = operands.get(0);
        HostTensor indices = operands.get(1);
        double[] dx = new double[(int) problem.geometry().inputShape().elements()];
        eachWindow(problem.geometry(), window -> dx[(int) (window.plane * window.planeSize
                + (int) indices.get(window.output))] += dy.get(window.output));
        store(dx, operands.get(2));
    }

    static void averageForward(AvgPool2dForwardProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(0);
        HostTensor y = operands.get(1);
        eachWindow(problem.geometry(), window -> {
            double sum = 0;
            for (int i = 0; i < window.count; i++) {
                sum += x.get(window.plane * window.planeSize + window.pixels[i]);
            }
            y.set(window.output, sum / (problem.countIncludePad() ? window.paddedCount : window.count));
        });
    }

    static void averageBackward(AvgPool2dBackwardProblem problem, List<HostTensor> operands) {
        HostTensor dy = operands.get(0);
        double[] dx = new double[(int) problem.geometry().inputShape().elements()];
        eachWindow(problem.geometry(), window -> {
            double share = dy.get(window.output) / (problem.countIncludePad() ? window.paddedCount : window.count);
            for (int i = 0; i < window.count; i++) {
                dx[(int) (window.plane * window.planeSize + window.pixels[i])] += share;
            }
        });
        store(dx, operands.get(1));
    }

    /** One window: which output it makes and which pixels of its plane it looks at, in order. */
    private static final class Window {
        private final long planeSize;
        private final int[] pixels;
        private long plane;
        private long output;
        private int count;
        private int paddedCount;

        private Window(Pool2dGeometry g) {
            this.planeSize = (long) g.h() * g.w();
            this.pixels = new int[g.windowH() * g.windowW()];
        }
    }

    private interface WindowAction {
        void on(Window window);
    }

    private static void eachWindow(Pool2dGeometry g, WindowAction action) {
        Window window = new Window(g);
        int p = g.p();
        int q = g.q();
        for (window.plane = 0; window.plane < g.planes(); window.plane++) {
            for (int row = 0; row < p; row++) {
                for (int column = 0; column < q; column++) {
                    window.output = (window.plane * p + row) * q + column;
                    window.count = 0;
                    window.paddedCount = 0;
                    for (int r = 0; r < g.windowH(); r++) {
                        int h = row * g.strideH() - g.padTop() + r * g.dilationH();
                        for (int s = 0; s < g.windowW(); s++) {
                            int w = column * g.strideW() - g.padLeft() + s * g.dilationW();
                            if (h >= 0 && h < g.h() && w >= 0 && w < g.w()) {
                                window.pixels[window.count++] = h * g.w() + w;
                            }
                            if (h < g.h() + g.padBottom() && w < g.w() + g.padRight()) {
                                window.paddedCount++;
                            }
                        }
                    }
                    action.on(window);
                }
            }
        }
    }

    private static void store(double[] values, HostTensor tensor) {
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
    }
}
