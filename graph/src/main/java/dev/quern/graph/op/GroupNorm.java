package dev.quern.graph.op;

import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.GroupNormProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Group norm of x [N, C, ...]: y, the mean [N, groups] if it is subtracted, and the reciprocal deviation [N, groups]. Operands x,
 * weight [C] and bias [C] as far as they exist. Layer, instance and RMS norm are cases of it.
 *
 * @param groups  groups of neighbouring channels, a divisor of C
 * @param epsilon at least 0
 * @param centred whether the mean is subtracted
 * @param affine  whether weight and bias exist
 */
public record GroupNorm(int groups, float epsilon, boolean centred, Affine affine) implements Op {
    @Override
    public String label() {
        return centred ? "group_norm" : "rms_norm";
    }

    @Override
    public String attributes() {
        return "groups=" + groups + ", epsilon=" + epsilon;
    }

    /** The problem for an input shape. */
    public GroupNormProblem problem(Shape x) {
        return new GroupNormProblem(DType.F32, x.extent(0), groups, x.extent(1), Normalised.inner(x), epsilon, centred, affine);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1 + Normalised.parameters(affine), label() + " takes x" + (affine.weight() ? ", weight" : "")
                + (affine.bias() ? ", bias" : ""));
        Shape x = Normalised.channels(label(), inputs.getFirst());
        problem(x);
        inputs.subList(1, inputs.size()).forEach(each -> Normalised.perChannel(each, x));
        TensorType perRow = TensorType.f32(x.extent(0), groups);
        return centred ? List.of(inputs.getFirst(), perRow, perRow) : List.of(inputs.getFirst(), perRow);
    }

    @Override
    public void vjp(Backward backward) {
        Normalised.onlyFirst(backward, label(), centred ? 3 : 2);
        List<Value> inputs = new ArrayList<>(List.of(backward.gradient(), backward.input(0)));
        if (affine.weight()) {
            inputs.add(backward.input(1));
        }
        inputs.add(backward.output(1));
        if (centred) {
            inputs.add(backward.output(2));
        }
        GroupNormBackward op = new GroupNormBackward(groups, centred, affine);
        Normalised.distribute(backward, affine, backward.emit().emit(op.label(), op, inputs));
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
