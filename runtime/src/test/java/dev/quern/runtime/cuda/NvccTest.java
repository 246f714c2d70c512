package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.internal.CompileReport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvccTest {
    @TempDir
    private Path empty;

    private static Nvcc nvcc() {
        Optional<Nvcc> found = Nvcc.find(System.getenv().getOrDefault("PATH", ""));
        Assumptions.assumeTrue(found.isPresent(), "there is no nvcc on the PATH");
        return found.get();
    }

    @Test
    void compilesPortableTextsToMachineCodeAndToPtx() throws Exception {
        String source = CudaSource.of(KernelText.of("test/fill", Dialect.PORTABLE, """
                Q_KERNEL void fill(Q_GLOBAL float* data, float value) {
                    data[Q_GLOBAL_ID(0)] = value;
                }
                """));
        Nvcc nvcc = nvcc();
        assertThat(nvcc.name()).matches("nvcc \\d+\\.\\d+\\.\\d+");
        byte[] image = nvcc.image(source, "test/fill", "sm_90");
        assertThat(Arrays.copyOf(image, 4)).isEqualTo(new byte[] {0x7f, 'E', 'L', 'F'});
        assertThat(new String(nvcc.ptx(source, "test/fill", "sm_90"), StandardCharsets.UTF_8)).contains(".visible .entry fill(")
                .contains(".target sm_90");
    }

    @Test
    void anErrorNamesTheLineOfTheText() {
        Nvcc nvcc = nvcc();
        KernelText text = KernelText.of("test/broken", Dialect.PORTABLE, """
                Q_KERNEL void broken(Q_GLOBAL float* data) {
                    int first = 1;
                    data[0] = undeclared;
                    int last = ;
                }
                """).with(Map.of("WIDTH", 4));
        CudaCompileFailure failure = catchThrowableOfType(CudaCompileFailure.class,
                () -> nvcc.image(CudaSource.of(text), text.name(), "sm_90"));
        String report = CompileReport.of(text, "cuda:0", failure.getMessage(), CudaSource.PRELUDE, CudaSource.linesBefore(text));
        assertThat(report.lines().findFirst().orElseThrow())
                .startsWith("program test/broken does not compile for cuda:0: line 3: identifier \"undeclared\"");
        assertThat(report).contains("with {WIDTH=4}").contains(">    3      data[0] = undeclared;").contains(">    4      int last = ;");
    }

    @Test
    void aPathWithoutNvccGivesNone() {
        assertThat(Nvcc.find(empty.toString())).isEmpty();
        assertThat(Nvcc.find("")).isEmpty();
    }
}
