package dev.quern.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Samples;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.suite.Row;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
    @TempDir
    private Path folder;

    private static Row row(String variant, Optional<Timing> timing) {
        Ceilings ceilings = new Ceilings(10e9, "copy", 12e9, "read", 300e9, "fma");
        return new Row("gemm", "64x10x84", "forward", variant, true, "host", "abc", timing, 1e6, 1e4,
                Optional.of(ceilings.roof(1e6, 1e4, 1e3)), timing.isPresent() ? 1e-7 : Double.NaN,
                Map.of("openblas", Timing.of(new long[] {7, 8, 9})));
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Timing timing = Timing.of(Samples.of(List.of(new long[] {3_000_000, 1_000_000}, new long[] {2_000_000})));
        String text = ResultWriter.json(new Environment(Map.of("commit", "12ab+")), Optional.empty(),
                List.of(row("tiled", Optional.of(timing)), row("wrong", Optional.empty())));
        // One row a line, for people and for version control.
        assertThat(text.lines()).hasSize(4).element(2).asString().startsWith(",{\"suite\":\"gemm\"");
        assertThat(text).contains("\"median_ms\":2.0").contains("\"gflops\":0.5").contains("\"bound\":\"flops\"");
        ResultReader.Recorded recorded = ResultReader.read(Files.writeString(folder.resolve("a.json"), text));
        assertThat(recorded.environment().facts()).containsEntry("commit", "12ab+");
        assertThat(recorded.rows()).extracting(RecordedRow::key)
                .containsExactly("gemm 64x10x84 forward tiled host", "gemm 64x10x84 forward wrong host");
        assertThat(recorded.rows().get(0).samples().orElseThrow().blocks())
                .containsExactly(new long[] {3_000_000, 1_000_000}, new long[] {2_000_000});
        assertThat(recorded.rows().get(1).samples()).isEmpty();
    }

    @Test
    void filesOfOneMachineAreGatheredIntoOne() throws IOException {
        Timing timing = Timing.of(Samples.of(List.of(new long[] {3_000_000, 1_000_000})));
        Path first = Files.writeString(folder.resolve("gemm.json"), ResultWriter.json(new Environment(Map.of("commit", "12ab")),
                Optional.empty(), List.of(row("tiled", Optional.of(timing)))));
        Path second = Files.writeString(folder.resolve("conv.json"), ResultWriter.json(
                new Environment(Map.of("commit", "other", "peer x", "1.2")), Optional.empty(), List.of(row("wrong", Optional.empty()))));
        Path probe = Files.writeString(folder.resolve("probe.json"), "{\"ptx\":[{\"accepted\":true,\"tflops\":1.5}]}");
        String text = Gathering.of(List.of(first, second, probe));
        assertThat(text).contains("\"probe\":{\"ptx\":[{\"accepted\":true,\"tflops\":1.5}]}");
        ResultReader.Recorded recorded = ResultReader.read(Files.writeString(folder.resolve("all.json"), text));
        assertThat(recorded.environment().facts()).containsEntry("commit", "12ab").containsEntry("peer x", "1.2");
        assertThat(recorded.rows()).extracting(RecordedRow::key)
                .containsExactly("gemm 64x10x84 forward tiled host", "gemm 64x10x84 forward wrong host");
        assertThat(recorded.rows().getFirst().samples().orElseThrow().blocks()).containsExactly(new long[] {3_000_000, 1_000_000});
        assertThat(recorded.best()).singleElement().satisfies(best -> {
            assertThat(best.millis()).isEqualTo(2.0);
            assertThat(best.speedups()).containsEntry("openblas", 8e-6 / 2.0);
        });
    }

    @Test
    void gatheringNeedsAResult() throws IOException {
        Path probe = Files.writeString(folder.resolve("probe.json"), "{}");
        assertThatThrownBy(() -> Gathering.of(List.of(probe))).isInstanceOf(QuernException.class)
                .hasMessageContaining("is a result of quern bench");
        assertThatThrownBy(() -> Gathering.of(List.of(folder.resolve("none.json")))).isInstanceOf(QuernException.class)
                .hasMessageContaining("none.json");
    }

    @Test
    void whatIsNoResultFileIsRefusedInOneLine() throws IOException {
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> ResultReader.read(missing)).isInstanceOf(QuernException.class).hasMessageContaining("no such file");
        for (String text : List.of("", "[]", "{", "{\"rows\":[]}", "{\"format\":2}", "{\"format\":2,\"environment\":{},\"rows\":[{}]}")) {
            Path file = Files.writeString(folder.resolve("b.json"), text);
            assertThatThrownBy(() -> ResultReader.read(file)).isInstanceOf(QuernException.class)
                    .hasMessageContaining("is no result of quern bench");
        }
    }
}
