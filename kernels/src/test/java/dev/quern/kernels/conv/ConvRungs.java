package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.testing.KernelCheck;
import java.util.List;
import java.util.function.Function;

/** Checks of a convolution's pass with some of its rungs. */
final class ConvRungs {
    /** Rungs that block over channels. Their kernels take long to compile, and sizes as arguments. */
    static final String[] BLOCKED = {"direct_blocked", "winograd_f2x2_3x3", "winograd_f4x4_3x3"};

    private ConvRungs() {
    }

    /** A check of the rungs that {@link #BLOCKED} does not name. */
    static <P extends Problem> KernelCheck<P> others(KernelFamily<P> family, Function<Conv2dGeometry, P> problem,
            List<Conv2dGeometry> geometries) {
        List<String> blocked = List.of(BLOCKED);
        return KernelCheck.of(family).problems(geometries.stream().map(problem).toList())
                .only(family.variants().stream().map(Variant::name).filter(name -> !blocked.contains(name)).toArray(String[]::new));
    }

    /** A check of the rungs of these names. */
    static <P extends Problem> KernelCheck<P> only(KernelFamily<P> family, Function<Conv2dGeometry, P> problem,
            List<Conv2dGeometry> geometries, String... names) {
        return KernelCheck.of(family).problems(geometries.stream().map(problem).toList()).only(names);
    }
}
