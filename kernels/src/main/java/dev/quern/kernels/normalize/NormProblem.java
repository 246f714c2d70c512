package dev.quern.kernels.normalize;

import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.util.List;

/** What the problems of this package share: a tensor seen as [batch, channels, inner], stored in one of three types. */
public sealed interface NormProblem extends Problem
        permits BatchNormProblem, BatchNormBackwardProblem, GroupedProblem, ResponseProblem {
    /** The storage type of x, y and their gradients; parameters and statistics are F32. */
    DType dtype();

    /** How many samples. */
    int batch();

    /** How many channels a sample has. */
    int channels();

    /** How many elements a channel of a sample has: pixels. */
    int inner();

    /** How many elements the tensor has. */
    default long elements() {
        return (long) batch() * channels() * inner();
    }

    /** The position of an operand by its name. */
    default int at(String name) {
        List<Operand> operands = operands();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException(key() + " has no operand " + name);
    }

    /** The tensor of an operand by its name. */
    default HostTensor of(String name, List<HostTensor> tensors) {
        return tensors.get(at(name));
    }

    /** The extents and the type as keys spell them. */
    default String extents() {
        return dtype().name().toLowerCase(java.util.Locale.ROOT) + " " + batch() + "x" + channels() + "x" + inner();
    }

    /** Checks what is common to all. */
    static void check(String what, DType dtype, int batch, int channels, int inner) {
        String text = what + " of [" + batch + ", " + channels + ", " + inner + "]";
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException(text + ": is " + dtype + "; it is computed for F32, F16 and BF16");
        }
        if (batch < 1 || channels < 1 || inner < 1) {
            throw new QuernException(text + ": every extent must be at least 1");
        }
        if ((double) batch * channels * inner > Integer.MAX_VALUE) {
            throw new QuernException(text + ": more than 2^31 - 1 elements; split the batch");
        }
    }

    /** Checks a number that keeps a square root away from zero. */
    static void checkEpsilon(String what, float epsilon) {
        if (!(epsilon >= 0 && epsilon < Float.POSITIVE_INFINITY)) {
            throw new QuernException(what + ": epsilon " + epsilon + " must be at least 0 and finite");
        }
    }
}
