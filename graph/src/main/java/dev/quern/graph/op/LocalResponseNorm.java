package dev.quern.graph.op;

import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.normalize.LocalResponseNormProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Local response norm across the channels of x [N, C, ...].
 *
 * @param response window and exponents
 */
public record LocalResponseNorm(LocalResponse response) implements Op {
    @Override
    public String label() {
        return "local_response_norm";
    }

    @Override
    public String attributes() {
        return response.toString().replace(" ", ", ");
    }

    /** The problem for an input shape. */
    public LocalResponseNormProblem problem(Shape x) {
        return new LocalResponseNormProblem(DType.F32, x.extent(0), x.extent(1), Normalised.inner(x), response);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, label() + " takes one");
        problem(Normalised.channels(label(), inputs.getFirst()));
        return List.of(inputs.getFirst());
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new LocalResponseNormBackward(response), backward.gradient(),
                    backward.input(0)));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
