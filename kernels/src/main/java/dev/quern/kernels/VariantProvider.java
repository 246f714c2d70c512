package dev.quern.kernels;

import java.util.List;

/** Adds rungs to a family from outside, through {@link java.util.ServiceLoader}; the compiler need not be touched. */
public interface VariantProvider {
    /** The name of the family that is extended. */
    String family();

    /** The rungs to add. Each must accept the family's problem type. */
    List<Variant<?>> variants();
}
