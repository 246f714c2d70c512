package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.storage.StoredProblem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * A convolution: x [N, C, H, W] and filter [K, C/groups, R, S] give y [N, K, P, Q], each stored in F32, F16 or BF16. Sums
 * are taken in F32.
 *
 * @param geometry sizes and attributes
 * @param x the storage type of x
 * @param filter the storage type of filter
 * @param y the storage type of y
 */
public record Conv2dForwardProblem(Conv2dGeometry geometry, DType x, DType filter, DType y)
        implements StoredProblem<Conv2dForwardProblem> {
    /** The family's name. */
    public static final String FAMILY = "conv2d-forward";

    public Conv2dForwardProblem {
        Conv2dStorage.check(geometry, x, filter, y);
    }

    /** All operands in F32. */
    public Conv2dForwardProblem(Conv2dGeometry geometry) {
        this(geometry, DType.F32, DType.F32, DType.F32);
    }

    @Override
    public Conv2dForwardProblem inF32() {
        return new Conv2dForwardProblem(geometry);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, filter, y. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", x, geometry.inputShape()),
                Operand.input("filter", filter, geometry.filterShape()),
                Operand.output("y", y, geometry.outputShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.flops(), operands());
    }

    /** For example {@code conv2d-forward n64c6h14w14-k16r5s5-st1x1-pad0,0,0,0-dil1x1-g1 f32}; operands that are not F32 follow. */
    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + Conv2dStorage.text(operands());
    }
}
