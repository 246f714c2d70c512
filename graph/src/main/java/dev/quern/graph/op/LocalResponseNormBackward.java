package dev.quern.graph.op;

import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.normalize.LocalResponseNormBackwardProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of local response norm: dy and x [N, C, ...] give dx.
 *
 * @param response window and exponents
 */
public record LocalResponseNormBackward(LocalResponse response) implements Op {
    @Override
    public String label() {
        return "local_response_norm_backward";
    }

    @Override
    public String attributes() {
        return response.toString().replace(" ", ", ");
    }

    /** The problem for an input shape. */
    public LocalResponseNormBackwardProblem problem(Shape x) {
        return new LocalResponseNormBackwardProblem(DType.F32, x.extent(0), x.extent(1), Normalised.inner(x), response);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, label() + " takes dy and x");
        Shape x = Normalised.channels(label(), inputs.get(1));
        Types.f32("dy", inputs.getFirst());
        Types.same("dy", inputs.getFirst(), x);
        problem(x);
        return List.of(inputs.get(1));
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
