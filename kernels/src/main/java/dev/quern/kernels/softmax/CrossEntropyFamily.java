package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Softmax and cross-entropy in one, with its gradient. */
public final class CrossEntropyFamily implements KernelFamily<CrossEntropyProblem> {
    @Override
    public String name() {
        return "softmax-cross-entropy";
    }

    @Override
    public Class<CrossEntropyProblem> problemType() {
        return CrossEntropyProblem.class;
    }

    @Override
    public KernelReference<CrossEntropyProblem> reference() {
        return new CrossEntropyReference();
    }

    @Override
    public List<Variant<CrossEntropyProblem>> variants() {
        return List.of(new HostCrossEntropy(), new CrossEntropyRowPerItem(), new CrossEntropyRowPerGroup(), new CrossEntropyWarpShuffles(),
                new CrossEntropyVectorsCpu(), new CrossEntropyPipelineCpu(), new CrossEntropyStrandsCpu());
    }
}
