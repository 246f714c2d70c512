package dev.quern.graph.compile;

import dev.quern.kernels.select.Pins;
import java.util.Set;

/**
 * How to compile a graph.
 *
 * @param fusion      whether nodes are fused; without, each is a kernel of its own
 * @param apart       nodes that are not fused with others, by name
 * @param pins        variants that the user insists on
 * @param guarded     whether every slot gets a poisoned, fenced buffer of its own, checked after each step
 * @param checkFinite whether a step stops at the first tensor that is not finite; slow, for finding out where it comes from
 */
public record CompileOptions(boolean fusion, Set<String> apart, Pins pins, boolean guarded, boolean checkFinite) {
    private static final CompileOptions DEFAULTS = new CompileOptions(true, Set.of(), Pins.none(), false, false);

    public CompileOptions {
        apart = Set.copyOf(apart);
    }

    /** Fused, nothing pinned, not guarded, not checked. */
    public static CompileOptions defaults() {
        return DEFAULTS;
    }

    /** This with fusion on or off. */
    public CompileOptions withFusion(boolean fuse) {
        return new CompileOptions(fuse, apart, pins, guarded, checkFinite);
    }

    /** This with these nodes kept apart. */
    public CompileOptions withApart(Set<String> nodes) {
        return new CompileOptions(fusion, nodes, pins, guarded, checkFinite);
    }

    /** This with other pins. */
    public CompileOptions withPins(Pins others) {
        return new CompileOptions(fusion, apart, others, guarded, checkFinite);
    }

    /** This with guard mode on or off. */
    public CompileOptions withGuarded(boolean guard) {
        return new CompileOptions(fusion, apart, pins, guard, checkFinite);
    }

    /** This with the search for tensors that are not finite on or off. */
    public CompileOptions withCheckFinite(boolean check) {
        return new CompileOptions(fusion, apart, pins, guarded, check);
    }
}
