package dev.quern.kernels.nvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.quern.kernels.nvcc.Nvcc.Outcome;
import dev.quern.kernels.nvcc.Nvcc.Unit;
import dev.quern.runtime.cuda.CudaSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles every kernel that CUDA runs, for each architecture, and holds what it takes against a table. Needs {@code nvcc} on the
 * PATH, no GPU. {@code QUERN_REQUIRE=nvcc} makes its absence a failure.
 */
class NvccTest {
    private static final Path TABLE = Path.of("src/test/resources/nvcc/resources.txt");
    private static final String WRITE = "quern.nvcc.write";
    private static final int SHOWN = 20;

    @TempDir
    private Path work;

    private Nvcc nvcc() {
        return Nvcc.find(work).orElseGet(() -> {
            String reason = "no nvcc on the PATH: install NVIDIA's CUDA toolkit (a GPU is not needed)";
            if (Set.of(System.getenv().getOrDefault("QUERN_REQUIRE", "").split("[,\\s]+")).contains("nvcc")) {
                return fail("QUERN_REQUIRE names nvcc: " + reason);
            }
            return Assumptions.abort(reason);
        });
    }

    @Test
    void everyKernelCompilesAndTakesWhatTheTableSays() throws IOException {
        Nvcc nvcc = nvcc();
        CudaKernels kernels = new CudaKernels();
        List<Unit> units = new ArrayList<>();
        for (CudaTarget target : CudaTarget.ALL) {
            kernels.texts(target).forEach((label, text) -> units.add(new Unit(label, CudaSource.of(text), target.architecture())));
        }
        assertThat(kernels.missed()).as("variants without a typical problem").isEmpty();
        List<Outcome> outcomes = nvcc.compile(units);
        ResourceTable measured = new ResourceTable(nvcc.version());
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Unit unit = units.get(i);
            Outcome outcome = outcomes.get(i);
            if (!outcome.error().isEmpty()) {
                wrong.add(unit.label() + " for " + unit.architecture() + " does not compile:\n"
                        + errors(outcome.error()));
            } else if (outcome.kernels().isEmpty()) {
                wrong.add(unit.label() + " for " + unit.architecture() + ": holds no kernel");
            }
            outcome.kernels().forEach((entry, taken) -> measured.put(ResourceTable.key(unit.architecture(), entry, unit.label()),
                    taken, ""));
        }
        ResourceTable allowed = ResourceTable.read(TABLE);
        if (Boolean.getBoolean(WRITE)) {
            allowed.rows().forEach((key, row) -> measured.rows().computeIfPresent(key,
                    (same, now) -> new ResourceTable.Row(now.taken(), row.reason())));
            measured.write(TABLE);
        } else {
            wrong.addAll(allowed.differences(measured));
        }
        if (!wrong.isEmpty()) {
            fail(String.join("\n", wrong.subList(0, Math.min(SHOWN, wrong.size())))
                    + (wrong.size() > SHOWN ? "\nand " + (wrong.size() - SHOWN) + " more" : "")
                    + "\nWhere the new numbers are meant, run this test with -D" + WRITE + "=true, which writes " + TABLE);
        }
    }

    private static String errors(String output) {
        return output.lines().filter(line -> line.contains("error")).limit(4).map(line -> "    " + line)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aSourceThatDoesNotCompileIsNamedAndLeavesTheOthersAlone() {
        String good = "#define Q_KERNEL extern \"C\" __global__\nQ_KERNEL void twice(float* x) { x[threadIdx.x] *= 2.0f; }\n";
        String bad = "#define Q_KERNEL extern \"C\" __global__\n#line 1 \"bad text\"\nQ_KERNEL void twice(float* x) { y = 1; }\n";
        List<Outcome> outcomes = nvcc().compile(List.of(new Unit("good", good, "sm_80"), new Unit("bad", bad, "sm_80")));
        assertThat(outcomes.get(0).error()).isEmpty();
        assertThat(outcomes.get(0).kernels()).containsOnlyKeys("twice");
        assertThat(outcomes.get(1).error()).contains("bad text").contains("identifier \"y\" is undefined");
    }

    @Test
    void spillsAndChangesAreFoundAndReasonsKept() throws IOException {
        ResourceTable table = new ResourceTable("13.0.88");
        table.put("k | gemm/a | sm_90", new KernelResources(40, 1024, 0), "");
        table.put("k | gemm/b | sm_90", new KernelResources(255, 0, 48), "the sums of a row do not fit");
        Path file = work.resolve("table").resolve("t.txt");
        table.write(file);
        ResourceTable read = ResourceTable.read(file);
        assertThat(read.rows()).isEqualTo(table.rows());
        assertThat(read.differences(table)).isEmpty();

        ResourceTable changed = new ResourceTable("13.0.88");
        changed.put("k | gemm/a | sm_90", new KernelResources(42, 1024, 0), "");
        changed.put("k | gemm/c | sm_90", new KernelResources(255, 0, 8), "");
        assertThat(read.differences(changed)).containsExactly(
                "k | gemm/a | sm_90: takes 42 registers, 1024 bytes shared, 0 spilled, the table says 40 registers, 1024 bytes shared, 0 spilled",
                "k | gemm/c | sm_90: spills 8 bytes a thread (255 registers); use fewer registers, or give a reason in the table",
                "k | gemm/b | sm_90: is in the table, but there is no such kernel");
        ResourceTable other = new ResourceTable("14.1.2");
        other.put("k | gemm/a | sm_90", new KernelResources(42, 1024, 16), "");
        other.put("k | gemm/b | sm_90", new KernelResources(250, 0, 16), "");
        assertThat(read.differences(other)).hasSize(1).first().asString().contains("spills 16 bytes");
        assertThat(Nvcc.parse("""
                ptxas info    : Compiling entry function '_ZN6unit123addEPf' for 'sm_90'
                ptxas info    : Function properties for _ZN6unit123addEPf
                    8 bytes stack frame, 12 bytes spill stores, 8 bytes spill loads
                ptxas info    : Used 32 registers, used 1 barriers, 4224 bytes smem
                """)).isEqualTo(Map.of(12, Map.of("add", new KernelResources(32, 4224, 12))));
    }
}
