package dev.quern.runtime.opencl;

import org.jocl.CL;
import org.jocl.CLException;

import dev.quern.runtime.DeviceException;

/** Words for OpenCL's error codes. */
final class ClErrors {
    /** {@code CL_PLATFORM_NOT_FOUND_KHR} of the installable client driver: a loader without any platform. */
    static final int PLATFORM_NOT_FOUND = -1001;

    private ClErrors() {
    }

    /** One line: what was tried, on which device, the driver's code, and what it means where that helps. */
    static DeviceException failed(String device, String what, CLException cause) {
        return new DeviceException(device + ": " + what + " failed: " + describe(cause), cause);
    }

    static String describe(CLException cause) {
        int status = cause.getStatus();
        if (status == 0) {
            return cause.getMessage();
        }
        String hint = hint(status);
        return CL.stringFor_errorCode(status) + " (" + status + ")" + (hint.isEmpty() ? "" : ", " + hint);
    }

    static boolean outOfMemory(CLException cause) {
        return switch (cause.getStatus()) {
            case CL.CL_MEM_OBJECT_ALLOCATION_FAILURE, CL.CL_OUT_OF_RESOURCES, CL.CL_OUT_OF_HOST_MEMORY,
                    CL.CL_INVALID_BUFFER_SIZE -> true;
            default -> false;
        };
    }

    private static String hint(int status) {
        return switch (status) {
            case CL.CL_OUT_OF_RESOURCES -> "the device ran out of registers, local memory or memory, or a kernel crashed";
            case CL.CL_OUT_OF_HOST_MEMORY -> "the machine has no more memory";
            case CL.CL_MEM_OBJECT_ALLOCATION_FAILURE -> "the device has no more memory";
            case CL.CL_DEVICE_NOT_AVAILABLE -> "another process may hold the device";
            case CL.CL_INVALID_WORK_GROUP_SIZE -> "the group size is not one that the kernel was compiled for";
            case CL.CL_INVALID_COMMAND_QUEUE -> "an earlier kernel failed and took the queue with it";
            default -> "";
        };
    }
}
