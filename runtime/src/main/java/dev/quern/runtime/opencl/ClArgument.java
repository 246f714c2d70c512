package dev.quern.runtime.opencl;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** What kernels are given for a slice. */
sealed interface ClArgument {
    void set(cl_kernel kernel, int index);

    void release();

    /**
     * A buffer, or a part of one.
     *
     * @param owned whether it was made for the slice, as parts are
     */
    record Buffer(cl_mem mem, boolean owned) implements ClArgument {
        @Override
        public void set(cl_kernel kernel, int index) {
            CL.clSetKernelArg(kernel, index, Sizeof.cl_mem, Pointer.to(mem));
        }

        @Override
        public void release() {
            if (owned) {
                CL.clReleaseMemObject(mem);
            }
        }
    }

    /** An address in memory that host and device share. */
    record Address(Pointer pointer) implements ClArgument {
        @Override
        public void set(cl_kernel kernel, int index) {
            CL.clSetKernelArgSVMPointer(kernel, index, pointer);
        }

        @Override
        public void release() {
            // Nothing was made for it.
        }
    }
}
