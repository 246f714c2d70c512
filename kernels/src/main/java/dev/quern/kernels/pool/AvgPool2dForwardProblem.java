package dev.quern.kernels.pool;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.List;

/**
 * Average pooling: x [N, C, H, W] gives y [N, C, P, Q], F32: the sum of a window over its number of pixels.
 *
 * @param geometry        sizes and attributes; without dilation
 * @param countIncludePad whether padding counts as pixels; what a partial last window has behind the padding never does
 */
public record AvgPool2dForwardProblem(Pool2dGeometry geometry, boolean countIncludePad) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "avg-pool2d-forward";

    public AvgPool2dForwardProblem {
        if (geometry.dilationH() != 1 || geometry.dilationW() != 1) {
            throw new QuernException("input " + geometry.inputShape() + ": average pooling has no dilation, got ("
                    + geometry.dilationH() + ", " + geometry.dilationW() + ")");
        }
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, y. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", DType.F32, geometry.inputShape()),
                Operand.output("y", DType.F32, geometry.outputShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.operations(), operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + (countIncludePad ? " f32 include-pad" : " f32");
    }
}
