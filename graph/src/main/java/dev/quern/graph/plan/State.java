package dev.quern.graph.plan;

import dev.quern.graph.op.TensorType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Memory;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Parameters, optimizer moments and counters in device memory, by path. It outlives the plans that borrow it: train and
 * evaluate plans, of any batch size, share one. Tensors are dense and row-major, whatever layout kernels prefer.
 */
public final class State implements AutoCloseable {
    private record Entry(TensorType type, Memory memory) {
    }

    private final Device device;
    private final Map<String, Entry> entries = new TreeMap<>();
    private boolean closed;

    private State(Device device) {
        this.device = device;
    }

    /** An empty state on a device. */
    public static State create(Device device) {
        return new State(device);
    }

    /** The device that holds it. */
    public Device device() {
        return device;
    }

    /**
     * Makes sure that a tensor exists; a new one is zero.
     *
     * @throws QuernException if it exists with another type
     */
    public void declare(String path, TensorType type) {
        requireOpen();
        Entry entry = entries.get(path);
        if (entry == null) {
            entries.put(path, new Entry(type, device.allocate(Math.max(1, type.bytes()), path)));
        } else if (!entry.type.equals(type)) {
            throw new QuernException(path + ": the state holds " + entry.type + ", asked for is " + type
                    + "; use another state for another model");
        }
    }

    /** Every path, sorted. */
    public SortedSet<String> paths() {
        requireOpen();
        return Collections.unmodifiableSortedSet(new TreeSet<>(entries.keySet()));
    }

    /** Whether there is such a tensor. */
    public boolean contains(String path) {
        requireOpen();
        return entries.containsKey(path);
    }

    /** The type of a tensor. */
    public TensorType type(String path) {
        return entry(path).type;
    }

    /** Sets a tensor; waits until it is there. */
    public void write(String path, HostTensor tensor) {
        Entry entry = entry(path);
        if (tensor.dtype() != entry.type.dtype() || !tensor.shape().equals(entry.type.shape())) {
            throw new QuernException(path + ": the state holds " + entry.type + ", the tensor to write is " + tensor);
        }
        if (entry.type.bytes() == 0) {
            return;
        }
        try (Staging staging = device.staging(entry.type.bytes())) {
            staging.memory().copyFrom(tensor.memory());
            device.queue().write(staging, slice(path));
            staging.await();
        }
    }

    /** A copy of a tensor as it is after all the work given so far. */
    public HostTensor read(String path) {
        Entry entry = entry(path);
        if (entry.type.bytes() == 0) {
            return HostTensor.zeros(entry.type.dtype(), entry.type.shape());
        }
        try (Staging staging = device.staging(entry.type.bytes())) {
            device.queue().read(slice(path), staging);
            return HostTensor.of(entry.type.dtype(), entry.type.shape(),
                    staging.memory().asSlice(0, entry.type.bytes()));
        }
    }

    /** The bytes of all tensors together. */
    public long bytes() {
        return entries.values().stream().mapToLong(entry -> entry.type.bytes()).sum();
    }

    Slice slice(String path) {
        Entry entry = entry(path);
        return entry.memory.slice(0, Math.max(1, entry.type.bytes()));
    }

    private Entry entry(String path) {
        requireOpen();
        Entry entry = entries.get(path);
        if (entry == null) {
            throw new QuernException(path + ": the state holds no such tensor; it holds " + entries.keySet());
        }
        return entry;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the state is closed");
        }
    }

    /** Releases the memory; plans that borrow it can no longer run. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            entries.values().forEach(entry -> entry.memory.close());
            entries.clear();
        }
    }
}
