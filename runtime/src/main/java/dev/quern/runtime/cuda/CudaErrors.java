package dev.quern.runtime.cuda;

import dev.quern.runtime.DeviceException;
import jcuda.driver.CUresult;

/** Words for the driver's error codes. Loads nothing native. */
final class CudaErrors {
    private CudaErrors() {
    }

    /** One line: what was tried, on which device, the driver's code, and what it means where that helps. */
    static DeviceException failed(String device, String what, CudaFailure cause) {
        return new DeviceException(device + ": " + what + " failed: " + cause.getMessage(), cause);
    }

    static String describe(int status) {
        String hint = hint(status);
        return name(status) + (hint.isEmpty() ? "" : ", " + hint);
    }

    /** The code's name and number: {@code CUDA_ERROR_NO_DEVICE (100)}. */
    static String name(int status) {
        String name = CUresult.stringFor(status);
        return name.startsWith("CUDA_") ? name + " (" + status + ")" : "CUDA's error " + status;
    }

    /** Whether the context is lost: from here on every call of the driver gives this code. */
    static boolean sticky(int status) {
        return switch (status) {
            case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE, CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED, CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR, CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS, CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC, CUresult.CUDA_ERROR_LAUNCH_FAILED -> true;
            default -> false;
        };
    }

    private static String hint(int status) {
        return switch (status) {
            case CUresult.CUDA_ERROR_OUT_OF_MEMORY -> "the device has no more memory";
            case CUresult.CUDA_ERROR_STUB_LIBRARY -> "the libcuda that was found is the toolkit's stub and no driver: take it out "
                    + "of the library path";
            case CUresult.CUDA_ERROR_NO_DEVICE -> "see what `nvidia-smi` lists, and whether CUDA_VISIBLE_DEVICES hides it";
            case CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE -> "another process may hold the device";
            case CUresult.CUDA_ERROR_INVALID_IMAGE, CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                    CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION -> "the compiler is newer than the driver: update the driver";
            case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS -> "a kernel read or wrote outside of its memory";
            case CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES -> "the group needs more registers or shared memory than there are";
            case CUresult.CUDA_ERROR_LAUNCH_TIMEOUT -> "the kernel ran for longer than the system lets one run on a display's GPU";
            case CUresult.CUDA_ERROR_SYSTEM_NOT_READY -> "a service of the driver is not running (nvidia-fabricmanager?)";
            case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH -> "the kernel's driver and libcuda are of different versions: restart "
                    + "the machine";
            case CUresult.CUDA_ERROR_UNKNOWN -> "often a driver that was updated and not loaded anew: restart the machine";
            default -> "";
        };
    }
}
