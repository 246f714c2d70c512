package dev.quern.kernels.copy;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Copies between strided regions. */
public final class CopyFamily implements KernelFamily<CopyProblem> {
    @Override
    public String name() {
        return CopyProblem.FAMILY;
    }

    @Override
    public Class<CopyProblem> problemType() {
        return CopyProblem.class;
    }

    @Override
    public KernelReference<CopyProblem> reference() {
        return new CopyReference();
    }

    @Override
    public List<Variant<CopyProblem>> variants() {
        return List.of(new HostCopy(), new ElementCopy(), new TiledTransposeCopy(), new RowsCpuCopy(), new StagedRowsCpuCopy(),
                new TransposedBlocksCpuCopy());
    }
}
