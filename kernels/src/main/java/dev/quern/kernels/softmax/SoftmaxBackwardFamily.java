package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The gradients of softmax and log-softmax. */
public final class SoftmaxBackwardFamily implements KernelFamily<SoftmaxBackwardProblem> {
    @Override
    public String name() {
        return "softmax-backward";
    }

    @Override
    public Class<SoftmaxBackwardProblem> problemType() {
        return SoftmaxBackwardProblem.class;
    }

    @Override
    public KernelReference<SoftmaxBackwardProblem> reference() {
        return new SoftmaxBackwardReference();
    }

    @Override
    public List<Variant<SoftmaxBackwardProblem>> variants() {
        return List.of(new HostRows<>(), new RowPerItem<>(), new RowPerGroup<>(), new WarpShuffles<>(), new RowVectorsCpu<>(),
                new RowPipelineCpu<>(), new RowStrandsCpu<>(), new GradientStripsCpu());
    }
}
