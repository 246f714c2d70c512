package dev.quern.layers.init;

import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.HostTensor;
import java.util.function.ToDoubleFunction;

/**
 * A rule for the initial values of a parameter. With the same random stream it gives the same bits on every machine.
 */
@FunctionalInterface
public interface Initializer {
    /** Fills the tensor, in row-major order. */
    void fill(HostTensor tensor, Fans fans, RandomStream random);

    /** Zeros everywhere. */
    static Initializer zeros() {
        return constant(0);
    }

    /** One number everywhere. */
    static Initializer constant(double value) {
        return (tensor, fans, random) -> {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, value);
            }
        };
    }

    /** Uniform in [low, high). */
    static Initializer uniform(double low, double high) {
        return (tensor, fans, random) -> {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, random.uniform(low, high));
            }
        };
    }

    /** Normal with mean 0. */
    static Initializer normal(double deviation) {
        return (tensor, fans, random) -> {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, deviation * random.normal());
            }
        };
    }

    /** Uniform in ±1/sqrt(fan in): what PyTorch gives weights and biases of linear and convolution layers. */
    static Initializer inverseSquareRootOfFanIn() {
        return scaled(fans -> Math.sqrt(1.0 / fans.in()), false);
    }

    /** Uniform in ±sqrt(6/fan in), for ReLU. He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015. */
    static Initializer kaimingUniform() {
        return scaled(fans -> Math.sqrt(6.0 / fans.in()), false);
    }

    /** Normal of deviation sqrt(2/fan in), for ReLU. He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015. */
    static Initializer kaimingNormal() {
        return scaled(fans -> Math.sqrt(2.0 / fans.in()), true);
    }

    /** Uniform in ±sqrt(6/(fan in + fan out)). Glorot and Bengio, AISTATS 2010. */
    static Initializer xavierUniform() {
        return scaled(fans -> Math.sqrt(6.0 / ((double) fans.in() + fans.out())), false);
    }

    /** Normal of deviation sqrt(2/(fan in + fan out)). Glorot and Bengio, AISTATS 2010. */
    static Initializer xavierNormal() {
        return scaled(fans -> Math.sqrt(2.0 / ((double) fans.in() + fans.out())), true);
    }

    private static Initializer scaled(ToDoubleFunction<Fans> scale, boolean normal) {
        return (tensor, fans, random) -> {
            double by = scale.applyAsDouble(fans);
            (normal ? normal(by) : uniform(-by, by)).fill(tensor, fans, random);
        };
    }
}
