package dev.quern.kernels;

import java.util.List;

/**
 * A family of kernels: one kind of problem, its reference and its variants. Found through
 * {@link java.util.ServiceLoader}; others add variants with a {@link VariantProvider}.
 *
 * @param <P> the family's problem
 */
public interface KernelFamily<P extends Problem> {
    /** The family's name, as in {@link Problem#family()}. */
    String name();

    /** The type of its problems. */
    Class<P> problemType();

    /** The oracle. */
    KernelReference<P> reference();

    /** The rungs, lowest first. */
    List<Variant<P>> variants();
}
