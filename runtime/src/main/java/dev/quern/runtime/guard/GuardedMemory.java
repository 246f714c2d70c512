package dev.quern.runtime.guard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import dev.quern.runtime.Device;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;

/**
 * A buffer of its own with a fence on each side, for tests and for guard mode. The fences and the fresh contents read as
 * NaN in every floating-point type, so that reading past an end or before writing spoils the result; the fences' bits
 * depend on the buffer's label and on the place, so that copying one fence over another is noticed as well.
 *
 * <p>Index picture: {@code [ fence | slice, then fence up to the next alignment | fence ]}.
 *
 * <p>On Oclgrind, a simulator that knows every buffer's bounds, there are no fences: they would hide overruns from it.
 */
public final class GuardedMemory implements AutoCloseable {
    /** The least length of a fence in bytes: more than any vector or tile edge that kernels use. */
    static final int FENCE_BYTES = 4096;
    /** A quiet NaN as float and as the upper half of a double; both halves are one as half and as bfloat16. */
    private static final int NAN_BITS = 0x7ff87fc0;
    private static final int FREE_BITS = 0x0007003f;
    private static final byte POISON = (byte) 0xff;

    private final Device device;
    private final Memory memory;
    private final Slice slice;
    private final long start;
    private final int salt;

    private GuardedMemory(Device device, Memory memory, Slice slice) {
        this.device = device;
        this.memory = memory;
        this.slice = slice;
        this.start = slice.offset();
        this.salt = memory.label().hashCode() * 0x9e3779b1;
    }

    /**
     * Allocates a poisoned, fenced buffer.
     *
     * @param bytes the length of the slice in the middle, at least 1
     * @throws dev.quern.runtime.OutOfDeviceMemoryException if the device has not enough
     */
    public static GuardedMemory allocate(Device device, long bytes, String label) {
        long alignment = device.info().baseAlignment();
        boolean watched = device.info().platform().contains("Oclgrind");
        long fence = watched ? 0 : Math.ceilDiv(FENCE_BYTES, alignment) * alignment;
        long whole = watched ? bytes : fence + Math.ceilDiv(bytes, alignment) * alignment + fence;
        Memory memory = device.allocate(whole, label);
        try {
            GuardedMemory guarded = new GuardedMemory(device, memory, memory.slice(fence, bytes));
            guarded.raiseFences();
            return guarded;
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** The memory between the fences; it starts at the device's base alignment. */
    public Slice slice() {
        return slice;
    }

    /** Fills the slice with 0xff: NaN in every floating-point type, -1 in the signed ones. */
    public void poison() {
        device.queue().fill(slice, POISON);
    }

    private void raiseFences() {
        try (Staging staging = device.staging(memory.bytes())) {
            MemorySegment bytes = staging.memory();
            bytes.fill(POISON);
            for (long at = 0; at < bytes.byteSize(); at++) {
                if (at < start || at >= start + slice.bytes()) {
                    bytes.set(ValueLayout.JAVA_BYTE, at, expected(at));
                }
            }
            device.queue().write(staging, memory.slice());
            staging.await();
        }
    }

    /** The fence's byte at {@code at}: byte {@code at % 4} of a word that hashes the label and the place. */
    private byte expected(long at) {
        int hash = (salt ^ (int) (at >>> 2)) * 0x85ebca6b;
        int word = NAN_BITS | (hash ^ hash >>> 15) & FREE_BITS;
        return (byte) (word >>> 8 * (int) (at & 3));
    }

    /**
     * Waits for the queue and looks at the fences.
     *
     * @throws GuardViolationException if a byte of them changed
     */
    public void check() {
        try (Staging staging = device.staging(memory.bytes())) {
            device.queue().read(memory.slice(), staging);
            MemorySegment bytes = staging.memory();
            long end = start + slice.bytes();
            for (long at = start - 1; at >= 0; at--) {
                if (bytes.get(ValueLayout.JAVA_BYTE, at) != expected(at)) {
                    throw violated(start - at + " bytes before the start");
                }
            }
            for (long at = end; at < bytes.byteSize(); at++) {
                if (bytes.get(ValueLayout.JAVA_BYTE, at) != expected(at)) {
                    throw violated(at - end + " bytes past the end");
                }
            }
        }
    }

    private GuardViolationException violated(String where) {
        return new GuardViolationException("\"" + memory.label() + "\" on " + device.info().id() + " (" + slice.bytes()
                + " bytes): a kernel wrote " + where);
    }

    @Override
    public void close() {
        memory.close();
    }
}
