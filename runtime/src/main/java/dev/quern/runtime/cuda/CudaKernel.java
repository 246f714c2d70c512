package dev.quern.runtime.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/**
 * One entry point.
 *
 * @param name     the entry
 * @param program  its program
 * @param function the driver's handle
 * @param bytes    the size of each parameter
 * @param declared the parameters as the source declares them; empty where macros hide them
 * @param maxGroup most work-items in a group for this kernel
 */
record CudaKernel(String name, CudaProgram program, Handles.Function function, List<Long> bytes,
        Optional<List<EntryText.Parameter>> declared, long maxGroup) implements Kernel {

    static CudaKernel inspect(CudaProgram program, String name, Handles.Function function, DriverLibrary library,
            Optional<EntryText> text) {
        List<Long> bytes = new ArrayList<>();
        for (OptionalLong size = library.parameterBytes(function, 0); size.isPresent();) {
            bytes.add(size.getAsLong());
            size = library.parameterBytes(function, bytes.size());
        }
        return new CudaKernel(name, program, function, List.copyOf(bytes), text.map(EntryText::parameters)
                .filter(parameters -> parameters.size() == bytes.size()),
                attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
    }

    private static int attribute(Handles.Function function, int attribute) {
        int[] value = new int[1];
        CudaFailure.check(JCudaDriver.cuFuncGetAttribute(value, attribute, function));
        return value[0];
    }

    @Override
    public KernelResources resources(int groupSize) {
        CudaDevice device = program.device();
        device.enter();
        try {
            int[] groups = new int[1];
            CudaFailure.check(JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(groups, function, groupSize, 0));
            return new KernelResources(
                    OptionalLong.of(attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS)),
                    OptionalLong.of(attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES)),
                    OptionalLong.of(attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES)),
                    OptionalLong.of(maxGroup),
                    OptionalDouble.of((double) groups[0] * groupSize / device.found().residentItems()));
        } catch (CudaFailure e) {
            throw device.failed("the resources of kernel " + name + " of " + program.source().name(), e);
        }
    }

    /** Refuses a launch that this kernel cannot take: the driver would read past the arguments that it is given. */
    void check(Launch launch) {
        if (launch.arguments().size() != bytes.size()) {
            throw Checks.argumentCount(launch, bytes.size());
        }
        if (launch.grid().local() > maxGroup) {
            throw Checks.groupTooLarge(launch, maxGroup);
        }
        for (int index = 0; index < bytes.size(); index++) {
            Argument argument = launch.arguments().get(index);
            long size = bytes.get(index);
            boolean fits = size == (argument instanceof Argument.I32 || argument instanceof Argument.F32 ? Integer.BYTES : Long.BYTES);
            if (!fits || declared.isPresent() && contradicts(argument, declared.get().get(index))) {
                int position = index;
                throw Checks.argumentType(launch, index, declared.map(all -> all.get(position).toString())
                        .orElse("a parameter of " + size + " bytes"));
            }
        }
    }

    /** Whether an argument is surely not of a declared type; a type that a macro names is left to its size. */
    private static boolean contradicts(Argument argument, EntryText.Parameter parameter) {
        return switch (argument) {
            case Slice _ -> isAny(parameter, "long long", "long", "Q_LONG", "Q_ULONG", "size_t");
            case Argument.I64 _ -> parameter.pointer();
            case Argument.I32 _ -> isAny(parameter, "float");
            case Argument.F32 _ -> isAny(parameter, "int", "uint", "unsigned int", "unsigned", "Q_UINT");
        };
    }

    private static boolean isAny(EntryText.Parameter parameter, String... types) {
        return List.of(types).contains(parameter.type());
    }
}
