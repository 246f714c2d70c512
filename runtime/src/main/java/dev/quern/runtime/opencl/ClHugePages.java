package dev.quern.runtime.opencl;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Optional;

import org.jocl.CLException;
import org.jocl.cl_mem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Linux for pages of two megabytes under a processor's large buffers, before they are first written. Kernels that walk columns,
 * rows by index or several arrays at once otherwise look up a page of 4 KiB nearly every time. Only where a mapped buffer is the
 * memory that kernels see, as PoCL's is; where Linux does not offer such pages, or Java may not call it, nothing happens.
 */
final class ClHugePages {
    private static final Logger LOG = LoggerFactory.getLogger(ClHugePages.class);
    private static final long PAGE = 2L << 20;
    /** MADV_HUGEPAGE of Linux's {@code <sys/mman.h>}. */
    private static final int HUGE = 14;
    private static final Optional<MethodHandle> MADVISE = madvise();

    private ClHugePages() {
    }

    /** Asks for them under a buffer that nothing was written to yet. */
    static void advise(ClQueue queue, cl_mem buffer, long bytes) {
        if (bytes < 2 * PAGE || MADVISE.isEmpty()) {
            return;
        }
        try {
            ByteBuffer mapped = queue.map(buffer, 1);
            long address = MemorySegment.ofBuffer(mapped).address();
            queue.unmap(buffer, mapped);
            long first = Math.ceilDiv(address, PAGE) * PAGE;
            long length = (address + bytes) / PAGE * PAGE - first;
            if (length > 0 && (int) MADVISE.get().invokeExact(MemorySegment.ofAddress(first), length, HUGE) != 0) {
                LOG.debug("no huge pages for {} bytes", bytes);
            }
        } catch (CLException e) {
            LOG.debug("a buffer of {} bytes cannot be mapped, and gets no huge pages", bytes, e);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise could not be called", e);
        }
    }

    private static Optional<MethodHandle> madvise() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.empty();
        }
        try {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup().find("madvise").map(function -> linker.downcallHandle(function,
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT)));
        } catch (IllegalCallerException | UnsupportedOperationException e) {
            LOG.debug("no native access, and so no huge pages", e);
            return Optional.empty();
        }
    }
}
