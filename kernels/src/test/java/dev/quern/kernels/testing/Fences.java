package dev.quern.kernels.testing;

import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A buffer of the test's own on a device, with a fence of known bytes on each side. Every four bytes of a fence are a NaN
 * as a float, so that reading one shows in the result, and writing one shows in the fence. Where a sanitizer watches the
 * device, the buffer has no fences but exactly the size of its contents.
 */
final class Fences implements AutoCloseable {
    private static final int FENCE_BYTES = 512;
    private static final int FENCE = 0x7fc5a500;

    private final Device device;
    private final Memory memory;
    private final long before;
    private final long bytes;
    private final String name;
    private final int pattern;
    private final Staging staging;

    Fences(Device device, String name, int number, long bytes, boolean exact) {
        int alignment = device.info().baseAlignment();
        this.device = device;
        this.name = name;
        this.bytes = bytes;
        this.pattern = FENCE + number;
        this.before = exact ? 0 : Math.ceilDiv(FENCE_BYTES, alignment) * (long) alignment;
        long whole = exact ? bytes : before + bytes + FENCE_BYTES;
        this.memory = device.allocate(whole, name);
        this.staging = device.staging(whole);
    }

    Slice slice() {
        return memory.slice(before, bytes);
    }

    /** Writes the fences and these contents. */
    void fill(HostTensor contents) {
        fences();
        MemorySegment.copy(contents.memory(), 0, staging.memory(), before, bytes);
        write();
    }

    /** Writes the fences and, as contents, a pattern whose every four bytes are a NaN as a float. */
    void poison(int poison) {
        fences();
        fillPattern(staging.memory().asSlice(before, bytes), poison);
        write();
    }

    private void fences() {
        fillPattern(staging.memory(), pattern);
    }

    private void write() {
        device.queue().write(staging, memory.slice());
        staging.await();
    }

    private static void fillPattern(MemorySegment segment, int pattern) {
        for (long at = 0; at < segment.byteSize(); at++) {
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) (pattern >>> (at & 3) * 8));
        }
    }

    /** Reads everything back, into {@code contents} what lies between the fences; says which fence was broken. */
    Optional<String> read(HostTensor contents) {
        device.queue().read(memory.slice(), staging);
        MemorySegment all = staging.memory();
        MemorySegment.copy(all, before, contents.memory(), 0, contents.memory().byteSize());
        List<String> broken = new ArrayList<>();
        for (long at = 0; at < memory.bytes(); at++) {
            boolean inside = at >= before && at < before + bytes;
            if (!inside && all.get(ValueLayout.JAVA_BYTE, at) != (byte) (pattern >>> (at & 3) * 8)) {
                broken.add(at < before ? (before - at) + " bytes before" : (at - before - bytes) + " bytes past the end of");
            }
        }
        return broken.isEmpty() ? Optional.empty()
                : Optional.of("wrote " + broken.size() + " bytes outside operand " + name + ", the first one "
                        + broken.getFirst() + " it");
    }

    @Override
    public void close() {
        staging.close();
        memory.close();
    }
}
