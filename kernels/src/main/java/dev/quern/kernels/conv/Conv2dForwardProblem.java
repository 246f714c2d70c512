package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * A convolution: x [N, C, H, W] and filter [K, C/groups, R, S] give y [N, K, P, Q], all F32.
 *
 * @param geometry sizes and attributes
 */
public record Conv2dForwardProblem(Conv2dGeometry geometry) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "conv2d-forward";

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, filter, y. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", DType.F32, geometry.inputShape()),
                Operand.input("filter", DType.F32, geometry.filterShape()),
                Operand.output("y", DType.F32, geometry.outputShape()));
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
