package dev.quern.runtime.opencl;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_program;

import dev.quern.runtime.Device;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramSource;

/** A built program. Its device keeps it until the device is closed. */
final class ClProgram implements Program {
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
    public Device device() {
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

    void release() {
        CL.clReleaseProgram(program);
    }
}
