package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Elementwise kernels, generated from expressions. */
public final class PointwiseFamily implements KernelFamily<PointwiseProblem> {
    @Override
    public String name() {
        return PointwiseProblem.FAMILY;
    }

    @Override
    public Class<PointwiseProblem> problemType() {
        return PointwiseProblem.class;
    }

    @Override
    public KernelReference<PointwiseProblem> reference() {
        return new PointwiseReference();
    }

    @Override
    public List<Variant<PointwiseProblem>> variants() {
        return List.of(new BlockedPointwise(), new BytecodePointwise(), new ElementPointwise(), new ChunkPointwise(), new VectorTilePointwise());
    }
}
