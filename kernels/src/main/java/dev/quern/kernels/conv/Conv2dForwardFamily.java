package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.kernels.storage.ThroughF32;
import java.util.List;

/** The family {@code conv2d-forward}. */
public final class Conv2dForwardFamily implements KernelFamily<Conv2dForwardProblem> {
    @Override
    public String name() {
        return Conv2dForwardProblem.FAMILY;
    }

    @Override
    public Class<Conv2dForwardProblem> problemType() {
        return Conv2dForwardProblem.class;
    }

    @Override
    public KernelReference<Conv2dForwardProblem> reference() {
        return Conv2dReferences::forward;
    }

    @Override
    public List<Variant<Conv2dForwardProblem>> variants() {
        return ThroughF32.around(List.of(new ShiftedRowsForward(), new NaiveConv2d<>(Conv2dPass.FORWARD), new Im2colGemmForward(),
                new ImplicitGemmConv2d<>(Conv2dPass.FORWARD), new DirectCpuForward(), new DepthwiseCpuForward(), new DirectBlockedForward(),
                new WinogradForward(2), new WinogradForward(4)));
    }
}
