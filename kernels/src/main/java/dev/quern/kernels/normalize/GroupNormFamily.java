package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Group, layer, instance and RMS norm. */
public final class GroupNormFamily implements KernelFamily<GroupNormProblem> {
    @Override
    public String name() {
        return "group-norm";
    }

    @Override
    public Class<GroupNormProblem> problemType() {
        return GroupNormProblem.class;
    }

    @Override
    public KernelReference<GroupNormProblem> reference() {
        return GroupNormReferences::forward;
    }

    @Override
    public List<Variant<GroupNormProblem>> variants() {
        return List.of(new HostGroupNorm<>(), new WalkGroupNorm<>(false), new WalkGroupNorm<>(true), new WarpShufflesGroupNorm<>(),
                new VectorCpuGroupNorm<>(), new PipelineCpuGroupNorm<>());
    }
}
