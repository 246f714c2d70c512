package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.kernels.storage.ThroughF32;
import java.util.List;

/** The gradients of a recurrent layer over a whole sequence. */
public final class RecurrentBackwardFamily implements KernelFamily<RecurrentBackwardProblem> {
    @Override
    public String name() {
        return "recurrent-backward";
    }

    @Override
    public Class<RecurrentBackwardProblem> problemType() {
        return RecurrentBackwardProblem.class;
    }

    @Override
    public KernelReference<RecurrentBackwardProblem> reference() {
        return RecurrentReferences::backward;
    }

    @Override
    public List<Variant<RecurrentBackwardProblem>> variants() {
        return ThroughF32.around(List.of(HoistedInput.backward(new HostBackward()), HoistedInput.backward(new StepPerLaunch<>()),
                new PanelsCpu<>(PanelsCpu.Share.UNITS), new PanelsCpu<>(PanelsCpu.Share.ROWS)));
    }
}
