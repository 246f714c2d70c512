package dev.quern.kernels.conv;

import dev.quern.kernels.Operand;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.List;

/** The storage types of a convolution's operands. */
final class Conv2dStorage {
    private Conv2dStorage() {
    }

    static void check(Conv2dGeometry geometry, DType... types) {
        for (DType type : types) {
            if (!StorageText.TYPES.contains(type)) {
                throw new QuernException("convolution of input " + geometry.inputShape() + " and filter " + geometry.filterShape()
                        + " with an operand of " + type + ": only F32, F16 and BF16 are convolved, convert first");
            }
        }
    }

    /** What a key says of them. */
    static String text(List<Operand> operands) {
        StringBuilder text = new StringBuilder(" f32");
        for (Operand operand : operands) {
            if (operand.dtype() != DType.F32) {
                text.append(' ').append(operand.name()).append('=').append(operand.dtype());
            }
        }
        return text.toString();
    }
}
