package dev.quern.kernels.conv;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** The oracles of the three passes: the definition as loops, accumulated in double. */
final class Conv2dReferences {
    private Conv2dReferences() {
    }

    static void forward(Conv2dForwardProblem problem, List<HostTensor> operands) {
        Conv2dGeometry g = problem.geometry();
        double[] x = values(operands.get(0));
        double[] filter = values(operands.get(1));
        double[] y = new double[(int) g.outputShape().elements()];
        eachProduct(g, (input, tap, output) -> y[output] += x[input] * filter[tap]);
        store(y, operands.get(2));
    }

    static void backwardData(Conv2dBackwardDataProblem problem, List<HostTensor> operands) {
        Conv2dGeometry g = problem.geometry();
        double[] dy = values(operands.get(0));
        double[] filter = values(operands.get(1));
        double[] dx = new double[(int) g.inputShape().elements()];
        eachProduct(g, (input, tap, output) -> dx[input] += dy[output] * filter[tap]);
        store(dx, operands.get(2));
    }

    static void backwardWeights(Conv2dBackwardWeightsProblem problem, List<HostTensor> operands) {
        Conv2dGeometry g = problem.geometry();
        double[] x = values(operands.get(0));
        double[] dy = values(operands.get(1));
        double[] dfilter = new double[(int) g.filterShape().elements()];
        eachProduct(g, (input, tap, output) -> dfilter[tap] += x[input] * dy[output]);
        store(dfilter, operands.get(2));
    }

    /** One product of the convolution's sum, by the linear positions of its three elements. */
    private interface Product {
        void at(int input, int tap, int output);
    }

    private static void eachProduct(Conv2dGeometry g, Product product) {
        int p = g.p();
        int q = g.q();
        int groupC = g.groupC();
        for (int n = 0; n < g.n(); n++) {
            for (int k = 0; k < g.k(); k++) {
                int firstC = k / g.groupK() * groupC;
                for (int row = 0; row < p; row++) {
                    for (int column = 0; column < q; column++) {
                        int output = ((n * g.k() + k) * p + row) * q + column;
                        for (int c = 0; c < groupC; c++) {
                            for (int r = 0; r < g.r(); r++) {
                                int h = row * g.strideH() - g.padTop() + r * g.dilationH();
                                for (int s = 0; s < g.s(); s++) {
                                    int w = column * g.strideW() - g.padLeft() + s * g.dilationW();
                                    if (h >= 0 && h < g.h() && w >= 0 && w < g.w()) {
                                        product.at(((n * g.c() + firstC + c) * g.h() + h) * g.w() + w,
                                                ((k * groupC + c) * g.r() + r) * g.s() + s, output);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static double[] values(HostTensor tensor) {
        double[] values = new double[(int) tensor.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }

    private static void store(double[] values, HostTensor tensor) {
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
    }
}
