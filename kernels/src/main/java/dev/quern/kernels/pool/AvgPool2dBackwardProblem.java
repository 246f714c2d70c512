package dev.quern.kernels.pool;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.Locale;

/**
 * The gradient of average pooling: dy [N, C, P, Q] gives dx [N, C, H, W], F32: each pixel gets its share of every window.
 *
 * @param geometry        sizes and attributes; without dilation
 * @param countIncludePad as in {@link AvgPool2dForwardProblem}
 * @param dtype           storage type of values: F32, F16 or BF16
 */
public record AvgPool2dBackwardProblem(Pool2dGeometry geometry, boolean countIncludePad, DType dtype) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "avg-pool2d-backward";

    public AvgPool2dBackwardProblem {
        Pool2dPass.requireStorage(geometry, dtype);
        if (geometry.dilationH() != 1 || geometry.dilationW() != 1) {
            throw new QuernException("input " + geometry.inputShape() + ": average pooling has no dilation, got ("
                    + geometry.dilationH() + ", " + geometry.dilationW() + ")");
        }
    }

    /** The same on F32. */
    public AvgPool2dBackwardProblem(Pool2dGeometry geometry, boolean countIncludePad) {
        this(geometry, countIncludePad, DType.F32);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** dy, dx. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("dy", dtype, geometry.outputShape()),
                Operand.output("dx", dtype, geometry.inputShape()));
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
