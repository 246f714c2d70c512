package dev.quern.bench.probe;

import dev.quern.kernels.KernelResource;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Program;
import dev.quern.runtime.Recording;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Tries PTX instructions inline, and measures the matrix units through those that multiply. */
public final class PtxProbe {
    private static final int GROUP = 256;
    private static final int GROUPS_A_UNIT = 4;
    private static final int WARP = 32;
    private static final int CHAINS = 4;
    private static final int ROUNDS = 2000;
    private static final int WARM = 2;
    private static final int RUNS = 9;

    /** The instructions, in the order of the kernel's numbers; {@code flops} is what a warp's instruction does, 0 for others. */
    private enum Instruction {
        MMA_F16("mma.sync m16n8k16 f16", 2 * 16 * 8 * 16), MMA_BF16("mma.sync m16n8k16 bf16", 2 * 16 * 8 * 16),
        MMA_TF32("mma.sync m16n8k8 tf32", 2 * 16 * 8 * 8), LDMATRIX("ldmatrix m8n8.x4", 0), CP_ASYNC("cp.async 16", 0),
        SHFL("shfl.sync.bfly", 0);

        private final String text;
        private final int flops;

        Instruction(String text, int flops) {
            this.text = text;
            this.flops = flops;
        }
    }

    /**
     * One instruction.
     *
     * @param instruction its name
     * @param refusal     the first line of the compiler's refusal; empty where it compiles
     * @param flops       operations a second that were measured with it, where it multiplies
     */
    public record Finding(String instruction, String refusal, OptionalDouble flops) {
        /** Whether the compiler takes it. */
        public boolean accepted() {
            return refusal.isEmpty();
        }
    }

    private PtxProbe() {
    }

    /**
     * Tries every instruction on a device; none on a device that is not NVIDIA's, since other compilers of OpenCL C may not survive a
     * foreign instruction.
     */
    public static List<Finding> run(Device device) {
        if (!device.info().vendor().contains("NVIDIA")) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        for (Instruction instruction : Instruction.values()) {
            findings.add(tried(device, instruction));
        }
        return findings;
    }

    private static Finding tried(Device device, Instruction instruction) {
        KernelText text = KernelResource.load(PtxProbe.class, "ptx.cl", "probe/ptx", Dialect.PORTABLE)
                .with(Map.of("TRY", instruction.ordinal() + 1));
        Program program;
        try {
            program = device.compile(text);
        } catch (KernelCompileException e) {
            return new Finding(instruction.text, e.getMessage().lines().filter(line -> line.contains("error")).findFirst()
                    .orElse(e.getMessage().lines().findFirst().orElse("refused")).strip(), OptionalDouble.empty());
        }
        return new Finding(instruction.text, "", instruction.flops == 0 ? OptionalDouble.empty()
                : OptionalDouble.of(rate(device, program, instruction.flops)));
    }

    private static double rate(Device device, Program program, int flops) {
        Grid grid = new Grid((long) device.info().computeUnits() * GROUPS_A_UNIT, 1, 1, GROUP, 1, 1);
        long items = grid.groups() * grid.local();
        try (Memory sums = device.allocate(items * Float.BYTES, "probe sums");
                Recording recording = device.record(List.of(new Launch("probe", program.kernel("probe"), grid, List.of(
                        sums.slice(), new Argument.I32(ROUNDS), new Argument.I32(0x3c003c00), new Argument.I32(0x2e66ae66)))))) {
            for (int i = 0; i < WARM; i++) {
                device.queue().run(recording);
            }
            device.queue().finish();
            long[] nanos = new long[RUNS];
            for (int i = 0; i < RUNS; i++) {
                nanos[i] = device.queue().time(recording)[0];
            }
            Arrays.sort(nanos);
            return (double) flops * CHAINS * ROUNDS * (items / WARP) / nanos[RUNS / 2] * 1e9;
        }
    }
}
