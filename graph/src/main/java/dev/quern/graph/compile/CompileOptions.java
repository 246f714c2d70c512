package dev.quern.graph.compile;

import dev.quern.kernels.select.Pins;

/**
 * How to compile a graph.
 *
 * @param fusion  whether nodes are fused; without, each is a kernel of its own
 * @param pins    variants that the user insists on
 * @param guarded whether every slot gets a poisoned, fenced buffer of its own, checked after each step
 */
public record CompileOptions(boolean fusion, Pins pins, boolean guarded) {
    private static final CompileOptions DEFAULTS = new CompileOptions(true, Pins.none(), false);

    /** Fused, nothing pinned, not guarded. */
    public static CompileOptions defaults() {
        return DEFAULTS;
    }

    /** This with fusion on or off. */
    public CompileOptions withFusion(boolean fuse) {
        return new CompileOptions(fuse, pins, guarded);
    }

    /** This with other pins. */
    public CompileOptions withPins(Pins others) {
        return new CompileOptions(fusion, others, guarded);
    }

    /** This with guard mode on or off. */
    public CompileOptions withGuarded(boolean guard) {
        return new CompileOptions(fusion, pins, guard);
    }
}
