package dev.quern.runtime.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_program;

import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;

/** Turns kernel texts into programs: definitions, then the prelude, then the text with its own line numbers. */
final class ClCompiler {
    /** Argument information lets a launch be checked in words before the driver sees it. */
    static final String OPTIONS = "-cl-std=CL1.2 -cl-kernel-arg-info";

    private final ClDevice device;
    private final String prelude = prelude();

    ClCompiler(ClDevice device) {
        this.device = device;
    }

    ClProgram compile(KernelText text) {
        cl_program program = null;
        boolean done = false;
        try {
            program = CL.clCreateProgramWithSource(device.context(), 1, new String[] {fullSource(text)}, null, null);
            build(program, text);
            ClProgram built = new ClProgram(text, device, program);
            device.ledger().programBuilt(false);
            done = true;
            return built;
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "compiling " + text.name(), e);
        } finally {
            if (!done && program != null) {
                CL.clReleaseProgram(program);
            }
        }
    }

    private void build(cl_program program, KernelText text) {
        try {
            CL.clBuildProgram(program, 1, new cl_device_id[] {device.handle()}, OPTIONS, null, null);
        } catch (CLException e) {
            if (e.getStatus() != CL.CL_BUILD_PROGRAM_FAILURE) {
                throw e;
            }
            String log = ClQuery.buildLog(program, device.handle());
            throw new KernelCompileException(CompileReport.of(text, device.id(), log), e);
        }
    }

    /** What the driver compiles. {@code #line} makes its messages count lines of the text, under the text's name. */
    String fullSource(KernelText text) {
        StringBuilder source = new StringBuilder();
        text.defines().forEach((name, value) -> source.append("#define ").append(name).append(' ').append(value).append('\n'));
        source.append("#line 1 \"prelude.cl\"\n").append(prelude);
        source.append("#line 1 \"").append(text.name()).append("\"\n").append(text.text());
        return source.append('\n').toString();
    }

    private static String prelude() {
        try (InputStream stream = ClCompiler.class.getResourceAsStream("prelude.cl")) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + ClCompiler.class.getPackageName() + "/prelude.cl");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
