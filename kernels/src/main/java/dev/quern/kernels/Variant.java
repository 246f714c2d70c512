package dev.quern.kernels;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.List;

/**
 * One rung of a family's ladder: a way to solve its problems. Named by what it does ({@code naive}, {@code tiled},
 * {@code packed_cpu}), never by how fast it is meant to be. Stateless.
 *
 * @param <P> the family's problem
 */
public interface Variant<P extends Problem> {
    /** The rung's name, unique within its family. */
    String name();

    /** The dialect that it is written in. */
    Dialect dialect();

    /** One paragraph: what it does that the rung below does not, and why that is faster. */
    String summary();

    /** The parameters that tuning may choose. */
    default List<Tunable> tunables() {
        return List.of();
    }

    /** Whether it solves this problem on this device, whose dialect has already been checked. */
    Support supports(P problem, DeviceInfo device);

    /** Whether this pointwise epilogue can ride on it. An empty epilogue always can. */
    default Support takes(Epilogue epilogue, P problem) {
        return Support.when(epilogue.isEmpty(), name() + " takes no epilogue");
    }

    /** Whether this pointwise expression can be applied to the elements of an input operand as they are loaded. */
    default Support takes(Prologue prologue, int operand, P problem) {
        return Support.when(prologue.isEmpty(), name() + " takes no prologue");
    }

    /**
     * The heuristic's opinion, used where no tuning result exists: the share of the device's roofline that this variant
     * is expected to reach on this problem, in (0, 1]. The highest supported one is chosen; ties go to the earlier one.
     */
    double preference(P problem, DeviceInfo device);

    /** The parameters to use where no tuning result exists. */
    default Parameters parameters(P problem, DeviceInfo device) {
        return Parameters.defaults(tunables());
    }

    /** Whether these values of its tunables go together on this problem and device; each is one of its tunable's values. */
    default Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return Support.supported();
    }

    /** The launches that solve the problem. Deterministic: equal arguments give an equal plan. */
    KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue);

    /**
     * The launches that solve the problem with prologues, each of which {@link #takes(Prologue, int, Problem)} has allowed.
     *
     * @throws IllegalArgumentException if there are prologues and the variant takes none
     */
    default KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        if (!prologues.isEmpty()) {
            throw new IllegalArgumentException(name() + " takes no prologue");
        }
        return plan(problem, device, parameters, epilogue);
    }
}
