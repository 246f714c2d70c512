package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Where extremes lie along an axis. */
public final class ArgReduceFamily implements KernelFamily<ArgReduceProblem> {
    @Override
    public String name() {
        return "arg-reduce";
    }

    @Override
    public Class<ArgReduceProblem> problemType() {
        return ArgReduceProblem.class;
    }

    @Override
    public KernelReference<ArgReduceProblem> reference() {
        return new ArgReduceReference();
    }

    @Override
    public List<Variant<ArgReduceProblem>> variants() {
        return List.of(new HostArgReduce(), new WalkArgReduce(false), new WalkArgReduce(true), new VectorCpuArgReduce());
    }
}
