package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * A fully connected layer: {@code y = x weight^T + bias} for x [N, inputs]; PyTorch's {@code Linear}. Parameters
 * {@code weight} [outputs, inputs] and {@code bias} [outputs].
 *
 * @param inputs     features of x
 * @param outputs    features of y
 * @param bias       whether there is a bias
 * @param weightInit initial weights
 * @param biasInit   initial biases
 * @param madeAt     the user's line
 */
public record Dense(int inputs, int outputs, boolean bias, Initializer weightInit, Initializer biasInit,
        SourceLine madeAt) implements Layer {
    public Dense {
        if (inputs < 1 || outputs < 1) {
            throw new QuernException("Dense(" + inputs + ", " + outputs + "): inputs and outputs must be at least 1");
        }
    }

    /** With a bias and PyTorch's initial values. */
    public static Dense of(int inputs, int outputs) {
        return new Dense(inputs, outputs, true, Initializer.inverseSquareRootOfFanIn(),
                Initializer.inverseSquareRootOfFanIn(), SourceLine.ofCaller());
    }

    /** This with other initial values. */
    public Dense init(Initializer weight, Initializer bias) {
        return new Dense(inputs, outputs, this.bias, weight, bias, madeAt);
    }

    /** This without a bias. */
    public Dense withoutBias() {
        return new Dense(inputs, outputs, false, weightInit, biasInit, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 2 || shape.extent(1) != inputs) {
            throw context.complaint(this, "input " + shape + ", expected [N, " + inputs + "]"
                    + (shape.rank() > 2 ? "; put a Flatten before it" : ""));
        }
        Fans fans = new Fans(inputs, outputs);
        Value weight = context.parameter("weight", Shape.of(outputs, inputs), fans, weightInit);
        Value product = context.graph().matmul(input, weight, false, true);
        if (!bias) {
            return product;
        }
        return context.graph().add(product, context.parameter("bias", Shape.of(outputs), fans, biasInit));
    }

    @Override
    public String toString() {
        return "Dense(" + inputs + ", " + outputs + (bias ? ")" : ", no bias)");
    }
}
