package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Softmax and log-softmax along one axis. */
public final class SoftmaxFamily implements KernelFamily<SoftmaxProblem> {
    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public Class<SoftmaxProblem> problemType() {
        return SoftmaxProblem.class;
    }

    @Override
    public KernelReference<SoftmaxProblem> reference() {
        return new SoftmaxReference();
    }

    @Override
    public List<Variant<SoftmaxProblem>> variants() {
        return List.of(new HostRows<>(), new RowPerItem<>(), new RowPerGroup<>(), new WarpShuffles<>(), new RowVectorsCpu<>(),
                new RowPipelineCpu<>(), new RowStrandsCpu<>(), new StripsCpu());
    }
}
