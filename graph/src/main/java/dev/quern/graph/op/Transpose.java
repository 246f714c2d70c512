package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The axes in another order: output axis i is input axis {@code permutation[i]}.
 *
 * @param permutation each axis once
 */
public record Transpose(List<Integer> permutation) implements Op {
    public Transpose {
        permutation = List.copyOf(permutation);
    }

    @Override
    public String label() {
        return "transpose";
    }

    @Override
    public String attributes() {
        return "permutation=" + permutation;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "transpose takes one");
        Shape input = inputs.getFirst().shape();
        List<Integer> sorted = new ArrayList<>(permutation);
        Collections.sort(sorted);
        boolean each = sorted.size() == input.rank();
        for (int axis = 0; each && axis < sorted.size(); axis++) {
            each = sorted.get(axis) == axis;
        }
        if (!each) {
            throw new IllegalOperandException("input " + input + " and permutation " + permutation
                    + ": the permutation must name each axis once");
        }
        return List.of(new TensorType(inputs.getFirst().dtype(),
                Shape.of(permutation.stream().mapToInt(input::extent).toArray())));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            int[] inverse = new int[permutation.size()];
            for (int axis = 0; axis < inverse.length; axis++) {
                inverse[permutation.get(axis)] = axis;
            }
            backward.to(0, backward.emit().transpose(backward.gradient(), inverse));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.VIEW;
    }
}
