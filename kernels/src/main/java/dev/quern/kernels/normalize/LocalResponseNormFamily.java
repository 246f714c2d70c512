package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Local response norm across channels. */
public final class LocalResponseNormFamily implements KernelFamily<LocalResponseNormProblem> {
    @Override
    public String name() {
        return "local-response-norm";
    }

    @Override
    public Class<LocalResponseNormProblem> problemType() {
        return LocalResponseNormProblem.class;
    }

    @Override
    public KernelReference<LocalResponseNormProblem> reference() {
        return LocalResponseNormReferences::forward;
    }

    @Override
    public List<Variant<LocalResponseNormProblem>> variants() {
        return List.of(new HostLocalResponseNorm<>(), new ElementLocalResponseNorm<>(), new VectorCpuLocalResponseNorm<>());
    }
}
