package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Softmax along an axis, or its logarithm.
 *
 * @param axis counted from the front
 * @param log  whether log-probabilities are wanted
 */
public record Softmax(int axis, boolean log) implements Op {
    static Softmax of(Shape input, int axis, boolean log) {
        return new Softmax(Types.axis(axis, input.rank(), "input " + input), log);
    }

    @Override
    public String label() {
        return log ? "log_softmax" : "softmax";
    }

    @Override
    public String attributes() {
        return "axis=" + axis;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, label() + " takes one");
        Types.f32("input", inputs.getFirst());
        if (inputs.getFirst().shape().elements() == 0) {
            throw new IllegalOperandException("input " + inputs.getFirst().shape() + ": every extent must be at least 1");
        }
        Types.axis(axis, inputs.getFirst().shape().rank(), "input " + inputs.getFirst().shape());
        return List.of(inputs.getFirst());
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new SoftmaxBackward(axis, log), backward.output(0),
                    backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
