package dev.quern.runtime.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_kernel;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Program;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;

/**
 * What the compiler says about one entry point. It holds no driver object: every recorded launch makes its own, because
 * a {@code cl_kernel} carries its arguments.
 *
 * @param name         the entry
 * @param owner        its program
 * @param parameters   its parameters; empty if the driver does not tell
 * @param count        how many parameters there are
 * @param maxGroup     most work-items in a group for this kernel
 * @param requiredGroup the {@code reqd_work_group_size}; zeros if there is none
 */
record ClKernel(String name, ClProgram owner, Optional<List<Parameter>> parameters, int count, long maxGroup,
        long[] requiredGroup) implements Kernel {
    /** One parameter: the kind of memory that it points to (private if it is a number) and its type as written. */
    record Parameter(int space, String type, String name) {
        boolean pointer() {
            return space == CL.CL_KERNEL_ARG_ADDRESS_GLOBAL || space == CL.CL_KERNEL_ARG_ADDRESS_CONSTANT;
        }

        boolean number() {
            return space == CL.CL_KERNEL_ARG_ADDRESS_PRIVATE;
        }
    }

    static ClKernel inspect(ClProgram program, ClDevice device, String name) {
        cl_kernel kernel = CL.clCreateKernel(program.handle(), name, null);
        try {
            int count = ClQuery.integer(kernel, CL.CL_KERNEL_NUM_ARGS);
            long maxGroup = ClQuery.workGroup(kernel, device.handle(), CL.CL_KERNEL_WORK_GROUP_SIZE, 1)[0];
            long[] required = ClQuery.workGroup(kernel, device.handle(), CL.CL_KERNEL_COMPILE_WORK_GROUP_SIZE, 3);
            return new ClKernel(name, program, parameters(kernel, count), count, maxGroup, required);
        } finally {
            CL.clReleaseKernel(kernel);
        }
    }

    private static Optional<List<Parameter>> parameters(cl_kernel kernel, int count) {
        List<Parameter> parameters = new ArrayList<>();
        try {
            for (int index = 0; index < count; index++) {
                int space = ClQuery.argumentInteger(kernel, index, CL.CL_KERNEL_ARG_ADDRESS_QUALIFIER);
                parameters.add(new Parameter(space,
                        ClQuery.argumentText(kernel, index, CL.CL_KERNEL_ARG_TYPE_NAME),
                        ClQuery.argumentText(kernel, index, CL.CL_KERNEL_ARG_NAME)));
            }
        } catch (CLException e) {
            // A driver may drop this from a program that was loaded as a binary; the driver's own checks remain.
            return Optional.empty();
        }
        return Optional.of(List.copyOf(parameters));
    }

    @Override
    public Program program() {
        return owner;
    }

    @Override
    public KernelResources resources(int groupSize) {
        ClDevice device = owner.device();
        device.requireOpen();
        cl_kernel kernel = null;
        try {
            kernel = CL.clCreateKernel(owner.handle(), name, null);
            return new KernelResources(OptionalLong.empty(),
                    OptionalLong.of(ClQuery.workGroup(kernel, device.handle(), CL.CL_KERNEL_LOCAL_MEM_SIZE, 1)[0]),
                    OptionalLong.of(ClQuery.workGroup(kernel, device.handle(), CL.CL_KERNEL_PRIVATE_MEM_SIZE, 1)[0]),
                    OptionalLong.of(maxGroup), OptionalDouble.empty());
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "the resources of kernel " + name + " of " + owner.source().name(), e);
        } finally {
            if (kernel != null) {
                CL.clReleaseKernel(kernel);
            }
        }
    }

    /** Refuses a launch that this kernel cannot take, in words, before the driver sees it. */
    void check(Launch launch) {
        if (launch.arguments().size() != count) {
            throw Checks.argumentCount(launch, count);
        }
        Grid grid = launch.grid();
        boolean required = requiredGroup[0] != 0;
        if (required && (grid.localX() != requiredGroup[0] || grid.localY() != requiredGroup[1]
                || grid.localZ() != requiredGroup[2])) {
            throw new IllegalArgumentException("\"" + launch.label() + "\": groups of " + local(grid) + ", but kernel " + name
                    + " was compiled for groups of " + requiredGroup[0] + "x" + requiredGroup[1] + "x" + requiredGroup[2]);
        }
        if (grid.local() > maxGroup) {
            throw Checks.groupTooLarge(launch, maxGroup);
        }
        parameters.ifPresent(known -> checkTypes(launch, known));
    }

    private static String local(Grid grid) {
        return grid.localX() + "x" + grid.localY() + "x" + grid.localZ();
    }

    private void checkTypes(Launch launch, List<Parameter> known) {
        for (int index = 0; index < count; index++) {
            Parameter parameter = known.get(index);
            Argument argument = launch.arguments().get(index);
            if (parameter.space == CL.CL_KERNEL_ARG_ADDRESS_LOCAL) {
                throw new IllegalArgumentException("kernel " + name + ", parameter " + parameter.name
                        + ": local memory cannot be an argument; declare it in the kernel with a size from a definition");
            }
            boolean fits = switch (argument) {
                case Slice _ -> parameter.pointer();
                case Argument.I32 _ -> parameter.number() && !isAny(parameter.type, "long", "ulong", "float", "double");
                case Argument.I64 _ -> parameter.number() && !isAny(parameter.type, "int", "uint", "float", "double");
                case Argument.F32 _ -> parameter.number() && !isAny(parameter.type, "int", "uint", "long", "ulong", "double");
            };
            if (!fits) {
                throw Checks.argumentType(launch, index, parameter.type + " " + parameter.name);
            }
        }
    }

    private static boolean isAny(String type, String... names) {
        return List.of(names).contains(type);
    }
}
