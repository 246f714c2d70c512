package dev.quern.kernels.pool;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code max-pool2d-forward}. */
public final class MaxPool2dForwardFamily implements KernelFamily<MaxPool2dForwardProblem> {
    @Override
    public String name() {
        return MaxPool2dForwardProblem.FAMILY;
    }

    @Override
    public Class<MaxPool2dForwardProblem> problemType() {
        return MaxPool2dForwardProblem.class;
    }

    @Override
    public KernelReference<MaxPool2dForwardProblem> reference() {
        return Pool2dReferences::maxForward;
    }

    @Override
    public List<Variant<MaxPool2dForwardProblem>> variants() {
        return List.of(new PlanePool2d<>(Pool2dPass.MAX_FORWARD, PlaneKernels::maxForward),
                new NaivePool2d<>(Pool2dPass.MAX_FORWARD), new RowsCpuPool2d<>(Pool2dPass.MAX_FORWARD),
                new TapsCpuPool2d<>(Pool2dPass.MAX_FORWARD), new TwoByTwoCpuPool2d<>(Pool2dPass.MAX_FORWARD),
                new SeparableCpuPool2d<>(Pool2dPass.MAX_FORWARD));
    }
}
