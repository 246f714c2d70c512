package dev.quern.runtime.opencl;

import java.nio.charset.StandardCharsets;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/** OpenCL's information calls with Java results. Assumes that JOCL's exceptions are on. */
final class ClQuery {
    /** One {@code clGet…Info} call: size in bytes, where the value goes, where its size goes. */
    @FunctionalInterface
    private interface Call {
        int ask(long size, Pointer value, long[] sizeReturned);
    }

    private ClQuery() {
    }

    static String text(cl_platform_id platform, int name) {
        return text((size, value, returned) -> CL.clGetPlatformInfo(platform, name, size, value, returned));
    }

    static String text(cl_device_id device, int name) {
        return text((size, value, returned) -> CL.clGetDeviceInfo(device, name, size, value, returned));
    }

    static String text(cl_program program, int name) {
        return text((size, value, returned) -> CL.clGetProgramInfo(program, name, size, value, returned));
    }

    static String buildLog(cl_program program, cl_device_id device) {
        return text((size, value, returned) -> CL.clGetProgramBuildInfo(program, device, CL.CL_PROGRAM_BUILD_LOG, size,
                value, returned));
    }

    /** The program's binary for its one device. */
    static byte[] binary(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
        byte[] bytes = new byte[Math.toIntExact(size[0])];
        CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(Pointer.to(bytes)), null);
        return bytes;
    }

    static String argumentText(cl_kernel kernel, int index, int name) {
        return text((size, value, returned) -> CL.clGetKernelArgInfo(kernel, index, name, size, value, returned));
    }

    /** A value of type {@code cl_bool}, {@code cl_int} or {@code cl_uint}. */
    static int integer(cl_device_id device, int name) {
        int[] value = new int[1];
        CL.clGetDeviceInfo(device, name, Sizeof.cl_int, Pointer.to(value), null);
        return value[0];
    }

    /** A value of type {@code cl_ulong} or {@code size_t}. */
    static long number(cl_device_id device, int name) {
        long[] value = new long[1];
        CL.clGetDeviceInfo(device, name, Sizeof.cl_ulong, Pointer.to(value), null);
        return value[0];
    }

    static long[] sizes(cl_device_id device, int name, int count) {
        long[] values = new long[count];
        CL.clGetDeviceInfo(device, name, (long) count * Sizeof.size_t, Pointer.to(values), null);
        return values;
    }

    static int integer(cl_kernel kernel, int name) {
        int[] value = new int[1];
        CL.clGetKernelInfo(kernel, name, Sizeof.cl_int, Pointer.to(value), null);
        return value[0];
    }

    static int argumentInteger(cl_kernel kernel, int index, int name) {
        int[] value = new int[1];
        CL.clGetKernelArgInfo(kernel, index, name, Sizeof.cl_int, Pointer.to(value), null);
        return value[0];
    }

    static long[] workGroup(cl_kernel kernel, cl_device_id device, int name, int count) {
        long[] values = new long[count];
        CL.clGetKernelWorkGroupInfo(kernel, device, name, (long) count * Sizeof.size_t, Pointer.to(values), null);
        return values;
    }

    private static String text(Call call) {
        long[] size = new long[1];
        call.ask(0, null, size);
        byte[] bytes = new byte[Math.toIntExact(size[0])];
        if (bytes.length == 0) {
            return "";
        }
        call.ask(bytes.length, Pointer.to(bytes), null);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
    }
}
