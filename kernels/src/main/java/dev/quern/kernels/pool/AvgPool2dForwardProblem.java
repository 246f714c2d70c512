package dev.quern.kernels.pool;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.Locale;

/**
 * Average pooling: x [N, C, H, W] gives y [N, C, P, Q], F32: the sum of a window over its number of pixels.
 *
 * @param geometry        sizes and attributes; without dilation
 * @param countIncludePad whether padding counts as pixels; what a partial last window has behind the padding never does
 * @param dtype           storage type of values: F32, F16 or BF16
 */
public record AvgPool2dForwardProblem(Pool2dGeometry geometry, boolean countIncludePad, DType dtype) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "avg-pool2d-forward";

    public AvgPool2dForwardProblem {
        Pool2dPass.requireStorage(geometry, dtype);
        if (geometry.dilationH() != 1 || geometry.dilationW() != 1) {
            throw new QuernException("input " + geometry.inputShape() + ": average pooling has no dilation, got ("
                    + geometry.dilationH() + ", " + geometry.dilationW() + ")");
        }
    }

    /** The same on F32. */
    public AvgPool2dForwardProblem(Pool2dGeometry geometry, boolean countIncludePad) {
        this(geometry, countIncludePad, DType.F32);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, y. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", dtype, geometry.inputShape()),
                Operand.output("y", dtype, geometry.outputShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.operations(), operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + " " + dtype.name().toLowerCase(Locale.ROOT) + (countIncludePad ? " include-pad" : "");
    }
}
