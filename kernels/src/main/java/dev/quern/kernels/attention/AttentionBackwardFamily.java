package dev.quern.kernels.attention;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code attention-backward}. */
public final class AttentionBackwardFamily implements KernelFamily<AttentionBackwardProblem> {
    @Override
    public String name() {
        return AttentionBackwardProblem.FAMILY;
    }

    @Override
    public Class<AttentionBackwardProblem> problemType() {
        return AttentionBackwardProblem.class;
    }

    @Override
    public KernelReference<AttentionBackwardProblem> reference() {
        return AttentionReferences::backward;
    }

    @Override
    public List<Variant<AttentionBackwardProblem>> variants() {
        return List.of(new HostBackward(), new RowPerItemBackward(), new RegisterTilesCpuBackward());
    }
}
