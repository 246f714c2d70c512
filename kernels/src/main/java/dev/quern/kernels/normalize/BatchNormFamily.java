package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Batch norm in training. */
public final class BatchNormFamily implements KernelFamily<BatchNormProblem> {
    @Override
    public String name() {
        return "batch-norm";
    }

    @Override
    public Class<BatchNormProblem> problemType() {
        return BatchNormProblem.class;
    }

    @Override
    public KernelReference<BatchNormProblem> reference() {
        return BatchNormReferences::forward;
    }

    @Override
    public List<Variant<BatchNormProblem>> variants() {
        return List.of(new HostBatchNorm<>(), new WalkBatchNorm<>(false), new WalkBatchNorm<>(true), new SlicedChannelsBatchNorm<>(),
                new VectorCpuBatchNorm<>(), new PipelineCpuBatchNorm<>(), new SharedCpuBatchNorm<>());
    }
}
