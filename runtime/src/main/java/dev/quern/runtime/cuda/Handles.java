package dev.quern.runtime.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;

/** JCuda's handles that tell their value, which JCuda keeps from all but its subclasses. */
final class Handles {
    private Handles() {
    }

    /** A device's handle. */
    static final class Gpu extends CUdevice {
        int handle() {
            return (int) getNativePointer();
        }
    }

    /** A kernel's handle. */
    static final class Function extends CUfunction {
        long address() {
            return getNativePointer();
        }
    }

    /** A stream's handle. */
    static final class Stream extends CUstream {
        long address() {
            return getNativePointer();
        }
    }

    /** The start of pinned host memory. */
    static final class Host extends Pointer {
        long address() {
            return getNativePointer();
        }
    }

    /** A place in device memory. */
    static final class Place extends CUdeviceptr {
        /** To be filled by an allocation. */
        Place() {
        }

        /** {@code bytes} behind the start of an allocation. */
        Place(Place start, long bytes) {
            super(start, bytes);
        }

        long address() {
            return getNativePointer() + getByteOffset();
        }
    }
}
