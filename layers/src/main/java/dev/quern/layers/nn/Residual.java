package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * A body and a way around it: {@code body(x) + shortcut(x)}, then an activation if there is one. The body's parameters lie directly under the residual's path, the shortcut's
 * under {@code downsample}, as in torchvision. He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015.
 *
 * @param body     what is learned, of the output's shape
 * @param shortcut what brings x to that shape; empty for x itself
 * @param last     what follows the sum
 * @param madeAt   the user's line
 */
public record Residual(Layer body, Optional<Layer> shortcut, Optional<Activation> last, SourceLine madeAt) implements Layer {
    /** Around a body that keeps its input's shape. */
    public static Residual of(Layer body) {
        return new Residual(body, Optional.empty(), Optional.empty(), SourceLine.ofCaller());
    }

    /** This with a layer on the way around. */
    public Residual shortcut(Layer layer) {
        return new Residual(body, Optional.of(layer), last, madeAt);
    }

    /** This with an activation behind the sum. */
    public Residual then(Activation activation) {
        return new Residual(body, shortcut, Optional.of(activation), madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Value learned = body.build(context, input);
        Value around = shortcut.map(layer -> context.build("downsample", layer, input)).orElse(input);
        if (!learned.shape().equals(around.shape())) {
            throw context.complaint(this, "the body gives " + learned.shape() + ", the way around it " + around.shape()
                    + "; give it a shortcut that brings x to the body's shape");
        }
        Value sum = context.graph().add(learned, around);
        return last.map(activation -> activation.build(context, sum)).orElse(sum);
    }

    @Override
    public String toString() {
        return "Residual" + (shortcut.isPresent() ? "(with a projection)" : "");
    }
}
