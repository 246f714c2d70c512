package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.kernels.storage.ThroughF32;
import java.util.List;

/** A recurrent layer over a whole sequence: LSTM, GRU or the plain tanh network. */
public final class RecurrentForwardFamily implements KernelFamily<RecurrentForwardProblem> {
    @Override
    public String name() {
        return "recurrent-forward";
    }

    @Override
    public Class<RecurrentForwardProblem> problemType() {
        return RecurrentForwardProblem.class;
    }

    @Override
    public KernelReference<RecurrentForwardProblem> reference() {
        return RecurrentReferences::forward;
    }

    @Override
    public List<Variant<RecurrentForwardProblem>> variants() {
        return ThroughF32.around(List.of(HoistedInput.forward(new HostForward()), HoistedInput.forward(new StepPerLaunch<>()),
                new PanelsCpu<>(PanelsCpu.Share.UNITS), new PanelsCpu<>(PanelsCpu.Share.ROWS)));
    }
}
