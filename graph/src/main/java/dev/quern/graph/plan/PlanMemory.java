package dev.quern.graph.plan;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.MemoryArena;
import dev.quern.runtime.OutOfDeviceMemoryException;
import dev.quern.runtime.Slice;
import dev.quern.runtime.guard.GuardedMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The device memory of a plan: a block for the inputs, an arena for outputs, one for temporaries. In guard mode every slot is
 * a poisoned, fenced buffer of its own instead.
 */
final class PlanMemory implements AutoCloseable {
    private final List<AutoCloseable> owned = new ArrayList<>();
    private final List<GuardedMemory> guards = new ArrayList<>();
    private final List<GuardedMemory> poisoned = new ArrayList<>();
    private final List<Slice> outputs = new ArrayList<>();
    private final List<Slice> temporaries = new ArrayList<>();
    private Optional<MemoryArena> inputArena = Optional.empty();
    private Optional<Slice> inputs = Optional.empty();
    private Optional<Slice> nextInputs = Optional.empty();

    private PlanMemory() {
    }

    /**
     * Allocates the memory; all or none.
     *
     * @throws OutOfDeviceMemoryException naming the largest slots
     */
    static PlanMemory allocate(String plan, Device device, Buffers buffers, Layout layout, boolean guarded) {
        requireRoom(plan, device, buffers, layout);
        PlanMemory memory = new PlanMemory();
        try {
            memory.allocate(device, buffers, layout, guarded);
            return memory;
        } catch (OutOfDeviceMemoryException e) {
            memory.close();
            throw new OutOfDeviceMemoryException(e.getMessage() + "; " + largest(plan, buffers), e);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private void allocate(Device device, Buffers buffers, Layout layout, boolean guarded) {
        long alignment = device.info().baseAlignment();
        if (buffers.inputBytes() > 0) {
            inputArena = Optional.of(own(MemoryArena.allocate(device, List.of(buffers.inputBytes()), "inputs")));
            inputs = Optional.of(inputArena.get().slice(0, 0, buffers.inputBytes()));
            if (device.queue().writesAhead()) {
                nextInputs = Optional.of(own(MemoryArena.allocate(device, List.of(buffers.inputBytes()), "next inputs"))
                        .slice(0, 0, buffers.inputBytes()));
                // Ready before anything is copied there, which another stream does.
                device.queue().finish();
            }
        }
        if (guarded) {
            for (NodeOutput value : buffers.outputs()) {
                outputs.add(guard(device, value.type().bytes(), value.name()).slice());
            }
            for (Lifetime lifetime : buffers.lifetimes()) {
                GuardedMemory guard = guard(device, lifetime.bytes(), lifetime.label());
                poisoned.add(guard);
                temporaries.add(guard.slice());
            }
            return;
        }
        for (NodeOutput value : buffers.outputs()) {
            long bytes = Math.max(1, value.type().bytes());
            MemoryArena arena = own(MemoryArena.allocate(device, List.of(Math.ceilDiv(bytes, alignment) * alignment),
                    value.name()));
            outputs.add(arena.slice(0, 0, bytes));
        }
        MemoryArena arena = own(MemoryArena.allocate(device, layout.blocks(), "temporaries"));
        for (int i = 0; i < layout.places().size(); i++) {
            temporaries.add(arena.slice(layout.places().get(i).block(), layout.places().get(i).offset(),
                    buffers.lifetimes().get(i).bytes()));
        }
    }

    private GuardedMemory guard(Device device, long bytes, String label) {
        GuardedMemory guard = own(GuardedMemory.allocate(device, Math.max(1, bytes), label));
        guards.add(guard);
        return guard;
    }

    private <T extends AutoCloseable> T own(T closeable) {
        owned.add(closeable);
        return closeable;
    }

    private static void requireRoom(String plan, Device device, Buffers buffers, Layout layout) {
        long outputs = buffers.outputs().stream().mapToLong(value -> value.type().bytes()).sum();
        long needed = layout.bytes() + outputs + (device.queue().writesAhead() ? 2 : 1) * buffers.inputBytes();
        long free = device.info().globalMemory() - device.statistics().liveBytes();
        if (needed > free) {
            throw new OutOfDeviceMemoryException("plan " + plan + ": needs " + mebibytes(needed) + " on "
                    + device.info().id() + ", which has " + mebibytes(free) + " left; " + largest(plan, buffers));
        }
    }

    /** A slot that is larger than any single allocation of the device can be. */
    static OutOfDeviceMemoryException tooLarge(String plan, DeviceInfo device, Buffers buffers) {
        return new OutOfDeviceMemoryException("plan " + plan + ": no single slot may be larger than "
                + mebibytes(device.maxAllocation()) + " on " + device.id() + "; " + largest(plan, buffers));
    }

    private static String largest(String plan, Buffers buffers) {
        Map<String, Long> slots = new LinkedHashMap<>();
        buffers.outputs().forEach(value -> slots.put(value.node().place(), value.type().bytes()));
        buffers.lifetimes().forEach(lifetime -> slots.merge(lifetime.label(), lifetime.bytes(), Math::max));
        return "largest slots of " + plan + ": " + slots.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed()).limit(4)
                .map(slot -> slot.getKey() + " " + mebibytes(slot.getValue())).collect(Collectors.joining(", "))
                + "; a smaller batch needs less";
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    /** The whole block that the host fills in; empty when the graph has no inputs. */
    Optional<Slice> inputs() {
        return inputs;
    }

    /** Where inputs wait while the step before theirs runs; empty on devices that do not copy beside it. */
    Optional<Slice> nextInputs() {
        return nextInputs;
    }

    /** One input. */
    Slice input(long offset, long bytes) {
        return inputArena.orElseThrow().slice(0, offset, Math.max(1, bytes));
    }

    /** One output. */
    Slice output(int slot) {
        return outputs.get(slot);
    }

    /** One temporary, as long as a value needs it. */
    Slice temporary(int slot) {
        return temporaries.get(slot);
    }

    /** Fills temporaries with NaN; does nothing outside guard mode. */
    void poison() {
        poisoned.forEach(GuardedMemory::poison);
    }

    /** Looks at every fence; does nothing outside guard mode. */
    void check() {
        guards.forEach(GuardedMemory::check);
    }

    /** Whether every slot is fenced. */
    boolean isGuarded() {
        return !guards.isEmpty();
    }

    @Override
    public void close() {
        for (AutoCloseable each : owned.reversed()) {
            try {
                each.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        owned.clear();
    }
}
