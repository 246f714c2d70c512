package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The gradient of local response norm. */
public final class LocalResponseNormBackwardFamily implements KernelFamily<LocalResponseNormBackwardProblem> {
    @Override
    public String name() {
        return "local-response-norm-backward";
    }

    @Override
    public Class<LocalResponseNormBackwardProblem> problemType() {
        return LocalResponseNormBackwardProblem.class;
    }

    @Override
    public KernelReference<LocalResponseNormBackwardProblem> reference() {
        return LocalResponseNormReferences::backward;
    }

    @Override
    public List<Variant<LocalResponseNormBackwardProblem>> variants() {
        return List.of(new HostLocalResponseNorm<>(), new ElementLocalResponseNorm<>(), new VectorCpuLocalResponseNorm<>());
    }
}
