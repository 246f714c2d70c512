package dev.quern.kernels.attention;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** The family {@code attention-forward}. */
public final class AttentionForwardFamily implements KernelFamily<AttentionForwardProblem> {
    @Override
    public String name() {
        return AttentionForwardProblem.FAMILY;
    }

    @Override
    public Class<AttentionForwardProblem> problemType() {
        return AttentionForwardProblem.class;
    }

    @Override
    public KernelReference<AttentionForwardProblem> reference() {
        return AttentionReferences::forward;
    }

    @Override
    public List<Variant<AttentionForwardProblem>> variants() {
        return List.of(new HostForward(), new RowPerItemForward(), new RegisterTilesCpuForward());
    }
}
