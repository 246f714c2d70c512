package dev.quern.runtime.opencl;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways from a source to a program, each by a form in between that can be kept in a file. Every method gives a program that can be
 * launched and releases what else it made, failed or not.
 */
enum ClTranslation {
    /** In one call. What is kept is what the driver makes of it: machine code, or from NVIDIA's PTX. */
    WHOLE {
        @Override
        Translated fromSource(cl_context context, cl_device_id device, String source, boolean keep) throws ClBuildFailure {
            cl_program program = CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
            return releasedOnFailure(program, () -> {
                logged(device, program, CL.CL_BUILD_PROGRAM_FAILURE, () -> build(device, program));
                return new Translated(program, keep ? ClQuery.binary(program) : new byte[0]);
            });
        }

        @Override
        cl_program fromBinary(cl_context context, cl_device_id device, byte[] binary) {
            cl_program program = load(context, device, binary);
            return releasedOnFailure(program, () -> {
                build(device, program);
                return program;
            });
        }

        private void build(cl_device_id device, cl_program program) {
            CL.clBuildProgram(program, 1, new cl_device_id[] {device}, OPTIONS, null, null);
        }
    },

    /**
     * Compiled, then linked; what is kept is LLVM's bitcode, some kilobytes. For PoCL, which makes machine code when a kernel is launched
     * and keeps it in files of its own. A whole program's binary would do as well, but to give it PoCL compiles each kernel a second
     * time, for groups of any size, which took a third of the processor time until LeNet's first step. Loading and linking bitcode takes 5 ms
     * a program and half a second for the first, from source with PoCL's files there 20 to 50 ms.
     */
    LINKED {
        @Override
        Translated fromSource(cl_context context, cl_device_id device, String source, boolean keep) throws ClBuildFailure {
            return compiledAndLinked(context, device, source, OPTIONS, keep);
        }

        @Override
        cl_program fromBinary(cl_context context, cl_device_id device, byte[] binary) {
            return loadedAndLinked(context, device, binary);
        }
    },

    /** The same with {@link ClBuiltins} where they do: in 20 ms what takes 240, for a small kernel. For the PoCL that was tried. */
    LINKED_BRIEFLY {
        @Override
        Translated fromSource(cl_context context, cl_device_id device, String source, boolean keep) throws ClBuildFailure {
            if (ClBuiltins.suffice(source)) {
                try {
                    return compiledAndLinked(context, device, ClBuiltins.declaredFor(source), OPTIONS + ClBuiltins.OPTION, keep);
                } catch (ClBuildFailure e) {
                    // Wrong, or a form of a function that is not declared: the whole header tells, and words the errors.
                    LOG.debug("compiled again with all declarations: {}", e.log());
                }
            }
            return compiledAndLinked(context, device, source, OPTIONS, keep);
        }

        @Override
        cl_program fromBinary(cl_context context, cl_device_id device, byte[] binary) {
            return loadedAndLinked(context, device, binary);
        }
    };

    /** Argument information lets a launch be checked in words before the driver sees it. */
    static final String OPTIONS = "-cl-std=CL1.2 -cl-kernel-arg-info";

    private static final Logger LOG = LoggerFactory.getLogger(ClTranslation.class);

    /** A program and the form to keep; empty if none was asked for. */
    record Translated(cl_program program, byte[] binary) {
    }

    /** A step that may fail for the source's fault. */
    @FunctionalInterface
    private interface Step<T, E extends Exception> {
        T run() throws E;
    }

    /** The one for a device, by its platform's version text. */
    static ClTranslation of(String platformVersion) {
        return platformVersion.contains("PoCL 3.1") ? LINKED_BRIEFLY : platformVersion.contains("PoCL") ? LINKED : WHOLE;
    }

    /**
     * From source.
     *
     * @param keep whether the form to keep is wanted
     * @throws ClBuildFailure if the compiler refuses the source
     * @throws CLException    if anything else goes wrong
     */
    abstract Translated fromSource(cl_context context, cl_device_id device, String source, boolean keep) throws ClBuildFailure;

    /**
     * From what was kept.
     *
     * @throws CLException if the driver refuses it
     */
    abstract cl_program fromBinary(cl_context context, cl_device_id device, byte[] binary);

    private static Translated compiledAndLinked(cl_context context, cl_device_id device, String source, String options, boolean keep)
            throws ClBuildFailure {
        cl_program object = CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
        try {
            logged(device, object, CL.CL_COMPILE_PROGRAM_FAILURE,
                    () -> CL.clCompileProgram(object, 1, new cl_device_id[] {device}, options, 0, null, null, null, null));
            byte[] binary = keep ? ClQuery.binary(object) : new byte[0];
            return new Translated(link(context, device, object), binary);
        } finally {
            CL.clReleaseProgram(object);
        }
    }

    private static cl_program loadedAndLinked(cl_context context, cl_device_id device, byte[] binary) {
        cl_program object = load(context, device, binary);
        try {
            return link(context, device, object);
        } finally {
            CL.clReleaseProgram(object);
        }
    }

    private static cl_program link(cl_context context, cl_device_id device, cl_program object) {
        return CL.clLinkProgram(context, 1, new cl_device_id[] {device}, null, 1, new cl_program[] {object}, null, null, null);
    }

    private static cl_program load(cl_context context, cl_device_id device, byte[] binary) {
        return CL.clCreateProgramWithBinary(context, 1, new cl_device_id[] {device}, new long[] {binary.length},
                new byte[][] {binary}, new int[1], null);
    }

    private static void logged(cl_device_id device, cl_program program, int refusal, Runnable translation) throws ClBuildFailure {
        try {
            translation.run();
        } catch (CLException e) {
            if (e.getStatus() == refusal) {
                throw new ClBuildFailure(ClQuery.buildLog(program, device), e);
            }
            throw e;
        }
    }

    private static <T, E extends Exception> T releasedOnFailure(cl_program program, Step<T, E> step) throws E {
        boolean done = false;
        try {
            T result = step.run();
            done = true;
            return result;
        } finally {
            if (!done) {
                CL.clReleaseProgram(program);
            }
        }
    }
}
