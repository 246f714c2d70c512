package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.storage.StoredProblem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * The gradient of a convolution's input: dy [N, K, P, Q] and filter [K, C/groups, R, S] give dx [N, C, H, W], each stored in F32, F16 or BF16. Sums
 * are taken in F32.
 *
 * @param geometry sizes and attributes
 * @param dy the storage type of dy
 * @param filter the storage type of filter
 * @param dx the storage type of dx
 */
public record Conv2dBackwardDataProblem(Conv2dGeometry geometry, DType dy, DType filter, DType dx)
        implements StoredProblem<Conv2dBackwardDataProblem> {
    /** The family's name. */
    public static final String FAMILY = "conv2d-backward-data";

    public Conv2dBackwardDataProblem {
        Conv2dStorage.check(geometry, dy, filter, dx);
    }

    /** All operands in F32. */
    public Conv2dBackwardDataProblem(Conv2dGeometry geometry) {
        this(geometry, DType.F32, DType.F32, DType.F32);
    }

    @Override
    public Conv2dBackwardDataProblem inF32() {
        return new Conv2dBackwardDataProblem(geometry);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** dy, filter, dx. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("dy", dy, geometry.outputShape()),
                Operand.input("filter", filter, geometry.filterShape()),
                Operand.output("dx", dx, geometry.inputShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.flops(), operands());
    }

    /** For example {@code conv2d-backward-data n64c6h14w14-k16r5s5-st1x1-pad0,0,0,0-dil1x1-g1 f32}; operands that are not F32 follow. */
    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + Conv2dStorage.text(operands());
    }
}
