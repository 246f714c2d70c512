package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The gradients of batch norm in training. */
public final class BatchNormBackwardFamily implements KernelFamily<BatchNormBackwardProblem> {
    @Override
    public String name() {
        return "batch-norm-backward";
    }

    @Override
    public Class<BatchNormBackwardProblem> problemType() {
        return BatchNormBackwardProblem.class;
    }

    @Override
    public KernelReference<BatchNormBackwardProblem> reference() {
        return BatchNormReferences::backward;
    }

    @Override
    public List<Variant<BatchNormBackwardProblem>> variants() {
        return List.of(new HostBatchNorm<>(), new WalkBatchNorm<>(false), new WalkBatchNorm<>(true), new SlicedChannelsBatchNorm<>(),
                new VectorCpuBatchNorm<>(), new PipelineCpuBatchNorm<>(), new SharedCpuBatchNorm<>());
    }
}
