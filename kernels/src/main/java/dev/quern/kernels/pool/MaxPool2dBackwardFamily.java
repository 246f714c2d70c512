package dev.quern.kernels.pool;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code max-pool2d-backward}. */
public final class MaxPool2dBackwardFamily implements KernelFamily<MaxPool2dBackwardProblem> {
    @Override
    public String name() {
        return MaxPool2dBackwardProblem.FAMILY;
    }

    @Override
    public Class<MaxPool2dBackwardProblem> problemType() {
        return MaxPool2dBackwardProblem.class;
    }

    @Override
    public KernelReference<MaxPool2dBackwardProblem> reference() {
        return Pool2dReferences::maxBackward;
    }

    @Override
    public List<Variant<MaxPool2dBackwardProblem>> variants() {
        return List.of(new PlanePool2d<>(Pool2dPass.MAX_BACKWARD, PlaneKernels::maxBackward),
                new NaivePool2d<>(Pool2dPass.MAX_BACKWARD), new RowsCpuPool2d<>(Pool2dPass.MAX_BACKWARD),
                new TapsCpuPool2d<>(Pool2dPass.MAX_BACKWARD), new TwoByTwoCpuPool2d<>(Pool2dPass.MAX_BACKWARD),
                new CompareCpuMaxPool2dBackward(), new FlatCpuPool2d<>(Pool2dPass.MAX_BACKWARD));
    }
}
