package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * The gradient of a convolution's input: dy [N, K, P, Q] and filter [K, C/groups, R, S] give dx [N, C, H, W], all F32.
 *
 * @param geometry sizes and attributes
 */
public record Conv2dBackwardDataProblem(Conv2dGeometry geometry) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "conv2d-backward-data";

    @Override
    public String family() {
        return FAMILY;
    }

    /** dy, filter, dx. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("dy", DType.F32, geometry.outputShape()),
                Operand.input("filter", DType.F32, geometry.filterShape()),
                Operand.output("dx", DType.F32, geometry.inputShape()));
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
