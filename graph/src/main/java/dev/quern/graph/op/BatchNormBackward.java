package dev.quern.graph.op;

import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The gradients of batch norm in training: dy, x [N, C, ...], weight [C] if it exists, mean [C] and reciprocal deviation [C]
 * give dx, and dweight [C] and dbias [C] as far as the parameters exist.
 *
 * @param affine whether weight and bias exist
 */
public record BatchNormBackward(Affine affine) implements Op {
    @Override
    public String label() {
        return "batch_norm_backward";
    }

    /** The problem for an input shape. */
    public BatchNormBackwardProblem problem(Shape x) {
        return new BatchNormBackwardProblem(DType.F32, x.extent(0), x.extent(1), Normalised.inner(x), affine);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, affine.weight() ? 5 : 4, "batch_norm_backward takes dy, x" + (affine.weight() ? ", weight" : "")
                + ", mean, rstd");
        Shape x = Normalised.channels("batch_norm_backward", inputs.get(1));
        Types.f32("dy", inputs.getFirst());
        Types.same("dy", inputs.getFirst(), x);
        inputs.subList(2, inputs.size()).forEach(each -> Normalised.perChannel(each, x));
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
