package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Sums, means, extremes and products over axes. */
public final class ReduceFamily implements KernelFamily<ReduceProblem> {
    @Override
    public String name() {
        return "reduce";
    }

    @Override
    public Class<ReduceProblem> problemType() {
        return ReduceProblem.class;
    }

    @Override
    public KernelReference<ReduceProblem> reference() {
        return new ReduceReference();
    }

    @Override
    public List<Variant<ReduceProblem>> variants() {
        return List.of(new HostReduce(), new ItemPerOutputReduce(), new SplitTermsReduce(), new GroupTreeReduce(),
                new WarpShufflesReduce(), new VectorCpuReduce());
    }
}
