package dev.quern.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.result.Environment;
import dev.quern.bench.result.ResultWriter;
import dev.quern.bench.suite.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuTableTest {
    private static final Path ROOT = Path.of("..");

    @TempDir
    private Path folder;

    private static Row row(String variant, boolean best) {
        Ceilings ceilings = new Ceilings(10e9, "copy", 12e9, "read", 300e9, "fma");
        return new Row("gemm", "512", "forward", variant, best, "cuda:0", "abc", Optional.of(Timing.of(new long[] {2_000_000})), 3e8,
                1e4, Optional.of(ceilings.roof(3e8, 1e4, 1e3)), 1e-7, Map.of("pytorch-cuda", Timing.of(new long[] {3_000_000})));
    }

    @Test
    void onlyChosenVariantsStandInTheTable() throws IOException {
        Environment environment = new Environment(Map.of("device", "cuda:0 Some GPU", "date", "2026-01-02T03:04:05Z"));
        Files.writeString(folder.resolve("some-gpu-2026-01-02.json"),
                ResultWriter.json(environment, Optional.empty(), List.of(row("tiled", true), row("naive", false))));
        assertThat(GpuTable.of(folder).lines().skip(2)).containsExactly(
                "| cuda:0 Some GPU | 2026-01-02 | gemm 512 forward | `tiled` | 2.000 | 150 | 50% | pytorch-cuda 1.50 |");
    }

    @Test
    void theReadmeHasTheTableOfTheResults() throws IOException {
        assertThat(Files.readString(ROOT.resolve("README.md")))
                .contains("<!-- gpu table -->\n" + GpuTable.of(ROOT.resolve("bench/results")) + "<!-- end of gpu table -->\n");
    }
}
