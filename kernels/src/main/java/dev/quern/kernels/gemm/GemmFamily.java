package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;

/** Matrix multiplication: the ladder from the naive kernel to packed panels in vector registers. */
public final class GemmFamily implements KernelFamily<GemmProblem> {
    @Override
    public String name() {
        return "gemm";
    }

    @Override
    public Class<GemmProblem> problemType() {
        return GemmProblem.class;
    }

    @Override
    public KernelReference<GemmProblem> reference() {
        return new GemmReference();
    }

    @Override
    public List<Variant<GemmProblem>> variants() {
        return List.of(new HostNaiveGemm(), new BlockedGemm(), new NaiveGemm(), new TiledGemm(), new RegisterTiledGemm(),
                new VectorizedGemm(), new SplitKGemm(), new TiledCudaGemm(), new RegisterTiledCudaGemm(), new DirectCpuGemm(),
                new SkinnyCpuGemm(), new WideCpuGemm(), new PackedCpuGemm());
    }
}
