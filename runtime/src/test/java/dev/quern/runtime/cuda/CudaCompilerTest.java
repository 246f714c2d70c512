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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both compilers, each where it is installed; neither needs a GPU. */
class CudaCompilerTest {
    private static final String ARCH = "sm_90";

    @TempDir
    private Path empty;

    private static CudaCompiler compiler(String name) {
        Optional<? extends CudaCompiler> found = name.equals("nvcc") ? Nvcc.find(System.getenv().getOrDefault("PATH", ""))
                : Nvrtc.find(13_000);
        Assumptions.assumeTrue(found.isPresent(), name + " is not installed");
        return found.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvcc", "NVRTC"})
    void compilesPortableTextsToMachineCodeAndToPtx(String name) throws Exception {
        String source = CudaSource.of(KernelText.of("test/fill", Dialect.PORTABLE, """
                Q_KERNEL void fill(Q_GLOBAL float* data, float value) {
                    data[Q_GLOBAL_ID(0)] = value;
                }
                """));
        CudaCompiler compiler = compiler(name);
        assertThat(compiler.name()).matches(name + " \\d+\\.\\d+[\\d.]*");
        byte[] image = compiler.image(source, "test/fill", ARCH);
        assertThat(Arrays.copyOf(image, 4)).isEqualTo(new byte[] {0x7f, 'E', 'L', 'F'});
        assertThat(new String(compiler.ptx(source, "test/fill", ARCH), StandardCharsets.UTF_8)).contains(".visible .entry fill(")
                .contains(".target sm_90");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvcc", "NVRTC"})
    void anErrorNamesTheLineOfTheText(String name) {
        CudaCompiler compiler = compiler(name);
        KernelText text = KernelText.of("test/broken", Dialect.PORTABLE, """
                Q_KERNEL void broken(Q_GLOBAL float* data) {
                    int first = 1;
                    data[0] = undeclared;
                    int last = ;
                }
                """).with(Map.of("WIDTH", 4));
        CudaCompileFailure failure = catchThrowableOfType(CudaCompileFailure.class,
                () -> compiler.image(CudaSource.of(text), text.name(), ARCH));
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

    @Test
    void anArchitectureThatTheCompilerDoesNotKnowYetGetsPtxOfTheNewestThatItKnows() throws Exception {
        CudaCompiler compiler = compiler("NVRTC");
        String source = "extern \"C\" __global__ void nothing() {}\n";
        String image = new String(compiler.image(source, "test/nothing", "sm_999"), StandardCharsets.UTF_8);
        assertThat(image).contains(".entry nothing(").endsWith("\0");
        CudaCompileFailure failure = catchThrowableOfType(CudaCompileFailure.class,
                () -> compiler.image(source, "test/nothing", "sm_35"));
        assertThat(failure).hasMessageContaining("the device is sm_35");
    }
}
