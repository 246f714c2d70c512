package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * The gradient of a convolution's filter: x [N, C, H, W] and dy [N, K, P, Q] give dfilter [K, C/groups, R, S], all F32.
 *
 * @param geometry sizes and attributes
 */
public record Conv2dBackwardWeightsProblem(Conv2dGeometry geometry) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "conv2d-backward-weights";

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, dy, dfilter. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", DType.F32, geometry.inputShape()),
                Operand.input("dy", DType.F32, geometry.outputShape()),
                Operand.output("dfilter", DType.F32, geometry.filterShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.flops(), operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + " f32";
    }
}
