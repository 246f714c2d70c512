package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The gradients of group, layer, instance and RMS norm. */
public final class GroupNormBackwardFamily implements KernelFamily<GroupNormBackwardProblem> {
    @Override
    public String name() {
        return "group-norm-backward";
    }

    @Override
    public Class<GroupNormBackwardProblem> problemType() {
        return GroupNormBackwardProblem.class;
    }

    @Override
    public KernelReference<GroupNormBackwardProblem> reference() {
        return GroupNormReferences::backward;
    }

    @Override
    public List<Variant<GroupNormBackwardProblem>> variants() {
        return List.of(new HostGroupNorm<>(), new WalkGroupNorm<>(false), new WalkGroupNorm<>(true), new WarpShufflesGroupNorm<>(),
                new VectorCpuGroupNorm<>(), new PipelineCpuGroupNorm<>());
    }
}
