package dev.quern.runtime.internal;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a device is open. When a device becomes unreachable without having been closed this reports it; it releases
 * nothing then, because natives must not be released from a garbage collector's thread at a moment of its choosing.
 */
public final class DeviceLife {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceLife.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final String device;
    private final AtomicBoolean closed;

    private record Report(String device, AtomicBoolean closed, MemoryLedger ledger) implements Runnable {
        @Override
        public void run() {
            if (!closed.get()) {
                LOG.warn("{}: the device was never closed; its driver objects stay allocated until the process ends", device);
                ledger.reportOpen(() -> "the device was lost");
            }
        }
    }

    private DeviceLife(String device, AtomicBoolean closed) {
        this.device = device;
        this.closed = closed;
    }

    /** Watches {@code owner}, which must not be reachable from {@code ledger}. */
    public static DeviceLife watch(Object owner, String device, MemoryLedger ledger) {
        AtomicBoolean closed = new AtomicBoolean();
        CLEANER.register(owner, new Report(device, closed, ledger));
        return new DeviceLife(device, closed);
    }

    /** Whether {@link #end} was called. */
    public boolean closed() {
        return closed.get();
    }

    /** Marks the device closed; false if it was already. */
    public boolean end() {
        return closed.compareAndSet(false, true);
    }

    /** @throws IllegalStateException if the device is closed */
    public void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(device + " is closed");
        }
    }
}
