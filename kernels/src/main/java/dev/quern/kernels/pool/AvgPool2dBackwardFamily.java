package dev.quern.kernels.pool;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code avg-pool2d-backward}. */
public final class AvgPool2dBackwardFamily implements KernelFamily<AvgPool2dBackwardProblem> {
    @Override
    public String name() {
        return AvgPool2dBackwardProblem.FAMILY;
    }

    @Override
    public Class<AvgPool2dBackwardProblem> problemType() {
        return AvgPool2dBackwardProblem.class;
    }

    @Override
    public KernelReference<AvgPool2dBackwardProblem> reference() {
        return Pool2dReferences::averageBackward;
    }

    @Override
    public List<Variant<AvgPool2dBackwardProblem>> variants() {
        return List.of(new PlanePool2d<>(Pool2dPass.AVG_BACKWARD, PlaneKernels::averageBackward),
                new NaivePool2d<>(Pool2dPass.AVG_BACKWARD), new RowsCpuPool2d<>(Pool2dPass.AVG_BACKWARD),
                new TapsCpuPool2d<>(Pool2dPass.AVG_BACKWARD), new LanesCpuPool2d<>(Pool2dPass.AVG_BACKWARD),
                new TwoByTwoCpuPool2d<>(Pool2dPass.AVG_BACKWARD), new SeparableCpuPool2d<>(Pool2dPass.AVG_BACKWARD),
                new FlatCpuPool2d<>(Pool2dPass.AVG_BACKWARD), new ShortRowsCpuPool2d<>(Pool2dPass.AVG_BACKWARD));
    }
}
