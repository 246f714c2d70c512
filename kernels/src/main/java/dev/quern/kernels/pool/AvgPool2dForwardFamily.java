package dev.quern.kernels.pool;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code avg-pool2d-forward}. */
public final class AvgPool2dForwardFamily implements KernelFamily<AvgPool2dForwardProblem> {
    @Override
    public String name() {
        return AvgPool2dForwardProblem.FAMILY;
    }

    @Override
    public Class<AvgPool2dForwardProblem> problemType() {
        return AvgPool2dForwardProblem.class;
    }

    @Override
    public KernelReference<AvgPool2dForwardProblem> reference() {
        return Pool2dReferences::averageForward;
    }

    @Override
    public List<Variant<AvgPool2dForwardProblem>> variants() {
        return List.of(new PlanePool2d<>(Pool2dPass.AVG_FORWARD, PlaneKernels::averageForward),
                new NaivePool2d<>(Pool2dPass.AVG_FORWARD), new RowsCpuPool2d<>(Pool2dPass.AVG_FORWARD),
                new TapsCpuPool2d<>(Pool2dPass.AVG_FORWARD), new LanesCpuPool2d<>(Pool2dPass.AVG_FORWARD),
                new TwoByTwoCpuPool2d<>(Pool2dPass.AVG_FORWARD), new SeparableCpuPool2d<>(Pool2dPass.AVG_FORWARD),
                new FlatCpuPool2d<>(Pool2dPass.AVG_FORWARD), new ShortRowsCpuPool2d<>(Pool2dPass.AVG_FORWARD));
    }
}
