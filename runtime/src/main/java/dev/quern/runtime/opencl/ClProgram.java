package dev.quern.runtime.opencl;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_program;

import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramFile;
import dev.quern.runtime.ProgramSource;

/** A built program. Its device keeps it until the device is closed. */
final class ClProgram implements Program {
    /** PTX names its version and target within its first lines. */
    private static final int PTX_HEAD = 4096;

    private final KernelText source;
    private final ClDevice device;
    private final cl_program program;
    private final TreeSet<String> names;
    private final Map<String, ClKernel> kernels = new HashMap<>();

    ClProgram(KernelText source, ClDevice device, cl_program program) {
        this.source = source;
        this.device = device;
        this.program = program;
        this.names = new TreeSet<>(Arrays.asList(ClQuery.text(program, CL.CL_PROGRAM_KERNEL_NAMES).split(";")));
        names.remove("");
    }

    @Override
    public ProgramSource source() {
        return source;
    }

    @Override
    public ClDevice device() {
        return device;
    }

    cl_program handle() {
        return program;
    }

    @Override
    public synchronized Kernel kernel(String entry) {
        device.requireOpen();
        if (!names.contains(entry)) {
            // PoCL renames its built-in functions by macros, and with them every kernel of such a name.
            String hint = names.contains("_cl_" + entry) ? " (\"" + entry + "\" is a function of OpenCL C: rename the kernel)" : "";
            throw new IllegalArgumentException("program " + source.name() + " has no kernel \"" + entry + "\"; it has " + names
                    + hint);
        }
        ClKernel known = kernels.get(entry);
        if (known == null) {
            try {
                known = ClKernel.inspect(this, device, entry);
            } catch (CLException e) {
                throw ClErrors.failed(device.id(), "kernel " + entry + " of " + source.name(), e);
            }
            kernels.put(entry, known);
        }
        return known;
    }

    @Override
    public Optional<byte[]> binary() {
        device.requireOpen();
        try {
            byte[] bytes = ClQuery.binary(program);
            return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "the binary of " + source.name(), e);
        }
    }

    @Override
    public List<ProgramFile> files() {
        List<ProgramFile> files = new ArrayList<>();
        files.add(new ProgramFile("cl", ClCompiler.fullSource(source).getBytes(StandardCharsets.UTF_8)));
        // NVIDIA's driver answers with PTX.
        binary().ifPresent(bytes -> files.add(new ProgramFile(isPtx(bytes) ? "ptx" : "bin", bytes)));
        return files;
    }

    private static boolean isPtx(byte[] binary) {
        String head = new String(binary, 0, Math.min(binary.length, PTX_HEAD), StandardCharsets.ISO_8859_1);
        return head.contains(".version") && head.contains(".target");
    }

    void release() {
        CL.clReleaseProgram(program);
    }
}
