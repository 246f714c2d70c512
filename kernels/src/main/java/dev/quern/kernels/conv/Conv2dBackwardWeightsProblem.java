package dev.quern.kernels.conv;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.storage.StoredProblem;
import dev.quern.runtime.DType;
import java.util.List;

/**
 * The gradient of a convolution's filter: x [N, C, H, W] and dy [N, K, P, Q] give dfilter [K, C/groups, R, S], each stored in F32, F16 or BF16. Sums
 * are taken in F32.
 *
 * @param geometry sizes and attributes
 * @param x the storage type of x
 * @param dy the storage type of dy
 * @param dfilter the storage type of dfilter
 */
public record Conv2dBackwardWeightsProblem(Conv2dGeometry geometry, DType x, DType dy, DType dfilter)
        implements StoredProblem<Conv2dBackwardWeightsProblem> {
    /** The family's name. */
    public static final String FAMILY = "conv2d-backward-weights";

    public Conv2dBackwardWeightsProblem {
        Conv2dStorage.check(geometry, x, dy, dfilter);
    }

    /** All operands in F32. */
    public Conv2dBackwardWeightsProblem(Conv2dGeometry geometry) {
        this(geometry, DType.F32, DType.F32, DType.F32);
    }

    @Override
    public Conv2dBackwardWeightsProblem inF32() {
        return new Conv2dBackwardWeightsProblem(geometry);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, dy, dfilter. */
    @Override
    public List<Operand> operands() {
        return List.of(
                Operand.input("x", x, geometry.inputShape()),
                Operand.input("dy", dy, geometry.outputShape()),
                Operand.output("dfilter", dfilter, geometry.filterShape()));
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.flops(), operands());
    }

    /** For example {@code conv2d-backward-weights n64c6h14w14-k16r5s5-st1x1-pad0,0,0,0-dil1x1-g1 f32}; operands that are not F32 follow. */
    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + Conv2dStorage.text(operands());
    }
}
