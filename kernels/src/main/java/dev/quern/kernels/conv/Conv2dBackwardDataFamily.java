package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.kernels.storage.ThroughF32;
import java.util.List;

/** The family {@code conv2d-backward-data}. */
public final class Conv2dBackwardDataFamily implements KernelFamily<Conv2dBackwardDataProblem> {
    @Override
    public String name() {
        return Conv2dBackwardDataProblem.FAMILY;
    }

    @Override
    public Class<Conv2dBackwardDataProblem> problemType() {
        return Conv2dBackwardDataProblem.class;
    }

    @Override
    public KernelReference<Conv2dBackwardDataProblem> reference() {
        return Conv2dReferences::backwardData;
    }

    @Override
    public List<Variant<Conv2dBackwardDataProblem>> variants() {
        return ThroughF32.around(List.of(new ScatteredRowsBackwardData(), new NaiveConv2d<>(Conv2dPass.BACKWARD_DATA),
                new ImplicitGemmConv2d<>(Conv2dPass.BACKWARD_DATA),
                new DirectCpuBackwardData(), new DepthwiseCpuBackwardData(), new InputLanesCpuBackwardData(),
                new TurnedFilterBackwardData(new DirectBlockedForward()),
                new TurnedFilterBackwardData(new WinogradForward(2)),
                new TurnedFilterBackwardData(new WinogradForward(4))));
    }
}
