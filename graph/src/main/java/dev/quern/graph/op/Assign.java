package dev.quern.graph.op;

import java.util.List;

/**
 * Gives a tensor of the state a new value at the end of the step: every read of the step sees the old one. Its output is
 * that tensor's memory; nothing reads it within the step.
 *
 * @param path its path in the state
 * @param type its type
 */
public record Assign(String path, TensorType type) implements Op {
    @Override
    public String label() {
        return "assign";
    }

    @Override
    public String attributes() {
        return "path=" + path;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "assign takes one");
        if (!inputs.getFirst().equals(type)) {
            throw new IllegalOperandException(path + " is " + type + ", its new value " + inputs.getFirst()
                    + ": they must be equal");
        }
        return List.of(type);
    }

    @Override
    public void vjp(Backward backward) {
        throw new IllegalStateException("nothing reads an assignment, so no gradient flows into it");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.EFFECT;
    }
}
