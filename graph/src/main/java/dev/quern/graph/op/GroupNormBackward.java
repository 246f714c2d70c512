package dev.quern.graph.op;

import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.GroupNormBackwardProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The gradients of group norm: dy, x [N, C, ...], weight [C] if it exists, mean [N, groups] if it was subtracted and reciprocal
 * deviation [N, groups] give dx, and dweight [C] and dbias [C] as far as the parameters exist.
 *
 * @param groups  groups of neighbouring channels
 * @param centred whether the mean was subtracted
 * @param affine  whether weight and bias exist
 */
public record GroupNormBackward(int groups, boolean centred, Affine affine) implements Op {
    @Override
    public String label() {
        return centred ? "group_norm_backward" : "rms_norm_backward";
    }

    @Override
    public String attributes() {
        return "groups=" + groups;
    }

    /** The problem for an input shape. */
    public GroupNormBackwardProblem problem(Shape x) {
        return new GroupNormBackwardProblem(DType.F32, x.extent(0), groups, x.extent(1), Normalised.inner(x), centred, affine);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int statistics = centred ? 2 : 1;
        Types.count(inputs, 2 + (affine.weight() ? 1 : 0) + statistics, label() + " takes dy, x"
                + (affine.weight() ? ", weight" : "") + (centred ? ", mean" : "") + ", rstd");
        Shape x = Normalised.channels(label(), inputs.get(1));
        Types.f32("dy", inputs.getFirst());
        Types.same("dy", inputs.getFirst(), x);
        problem(x);
        for (int i = 2; i < inputs.size(); i++) {
            if (i < inputs.size() - statistics) {
                Normalised.perChannel(inputs.get(i), x);
            } else {
                Types.f32("statistic", inputs.get(i));
                Types.same("statistic", inputs.get(i), Shape.of(x.extent(0), groups));
            }
        }
        List<TensorType> outputs = new ArrayList<>(List.of(inputs.get(1)));
        outputs.addAll(Collections.nCopies(Normalised.parameters(affine), TensorType.f32(x.extent(1))));
        return List.copyOf(outputs);
    }

    @Override
    public void vjp(Backward backward) {
        throw Normalised.noSecond(label());
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
