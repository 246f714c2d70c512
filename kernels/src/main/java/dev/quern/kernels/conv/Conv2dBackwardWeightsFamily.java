package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.kernels.storage.ThroughF32;
import java.util.List;

/** The family {@code conv2d-backward-weights}. */
public final class Conv2dBackwardWeightsFamily implements KernelFamily<Conv2dBackwardWeightsProblem> {
    @Override
    public String name() {
        return Conv2dBackwardWeightsProblem.FAMILY;
    }

    @Override
    public Class<Conv2dBackwardWeightsProblem> problemType() {
        return Conv2dBackwardWeightsProblem.class;
    }

    @Override
    public KernelReference<Conv2dBackwardWeightsProblem> reference() {
        return Conv2dReferences::backwardWeights;
    }

    @Override
    public List<Variant<Conv2dBackwardWeightsProblem>> variants() {
        return ThroughF32.around(List.of(new DotProductsBackwardWeights(), new ScaledPatchesBackwardWeights(), new NaiveConv2d<>(Conv2dPass.BACKWARD_WEIGHTS),
                new ImplicitGemmConv2d<>(Conv2dPass.BACKWARD_WEIGHTS),
                new DirectCpuBackwardWeights(), new DepthwiseCpuBackwardWeights(),
                new ChannelLanesCpuBackwardWeights(), new InputLanesCpuBackwardWeights()));
    }
}
