package dev.quern.kernels.pool;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.List;
import java.util.Locale;

/**
 * The gradient of maximum pooling: dy [N, C, P, Q] F32 and the forward pass's indices [N, C, P, Q] I32 give dx
 * [N, C, H, W] F32: each dy goes to the pixel that its window took; a pixel taken by several windows gets their sum.
 *
 * <p>The indices must be those of a {@link MaxPool2dForwardProblem} with the same geometry: each lies in its own window.
 *
 * @param geometry sizes and attributes
 * @param dtype    storage type of values: F32, F16 or BF16
 */
public record MaxPool2dBackwardProblem(Pool2dGeometry geometry, DType dtype) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "max-pool2d-backward";

    public MaxPool2dBackwardProblem {
        Pool2dPass.requireStorage(geometry, dtype);
    }

    /** The same on F32. */
    public MaxPool2dBackwardProblem(Pool2dGeometry geometry) {
        this(geometry, DType.F32);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** dy, indices, dx. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("dy", dtype, geometry.outputShape()),
                Operand.input("indices", DType.I32, geometry.outputShape()),
                Operand.output("dx", dtype, geometry.inputShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of((double) geometry.planes() * geometry.p() * geometry.q(), operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + " " + dtype.name().toLowerCase(Locale.ROOT);
    }
}
