package dev.quern.runtime.host;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.quern.runtime.DeviceException;

/**
 * Spreads the groups of a launch over the cores. The calling thread takes part; the others are daemon threads that take
 * chunks of groups from a shared counter. Nothing is allocated while launches run.
 *
 * <p>A worker that runs out of work spins for a moment before it parks: the launches of a step follow each other within
 * microseconds, and waking a parked thread costs more than most of them. The caller never waits for a worker that has
 * not begun: once every group is taken it shuts the gate, and who comes late finds it shut.
 */
final class GroupPool implements AutoCloseable {
    /** How often an idle thread looks for work before it parks: some tens of microseconds. */
    private static final int SPINS = 2_000;
    /** Chunks a thread: enough to even out groups of unequal cost, few enough to keep the counter out of the profile. */
    private static final int CHUNKS_PER_THREAD = 8;
    /** In the gate's value: the workers inside (low 15 bits), whether it is open, and the number of the launch above. */
    private static final long INSIDE = 0x7fff;
    private static final long OPEN = 0x8000;
    private static final int NUMBER_SHIFT = 16;

    private final Thread[] workers;
    private final AtomicLong nextGroup = new AtomicLong();
    private final AtomicLong gate = new AtomicLong();
    private volatile boolean closed;
    private volatile Throwable failure;
    private volatile long failedGroup;
    private volatile Thread caller;
    // Written before the gate opens and read after passing it.
    private HostLaunch launch;
    private long groups;
    private long chunk;
    private long number;

    GroupPool(int threads) {
        this.workers = new Thread[Math.clamp(threads - 1L, 0, (int) INSIDE)];
        for (int index = 0; index < workers.length; index++) {
            workers[index] = Thread.ofPlatform().daemon().name("quern-host-" + (index + 1)).start(this::work);
        }
    }

    /** Runs every group of the launch and returns when all are done. One caller at a time. */
    synchronized void run(HostLaunch work) {
        failure = null;
        launch = work;
        groups = work.groups();
        nextGroup.set(0);
        if (groups == 1 || workers.length == 0) {
            chunk = groups;
            takeChunks();
        } else {
            chunk = Math.max(1, groups / ((workers.length + 1L) * CHUNKS_PER_THREAD));
            caller = Thread.currentThread();
            gate.set(++number << NUMBER_SHIFT | OPEN);
            for (int index = 0; index < workers.length && index < groups - 1; index++) {
                LockSupport.unpark(workers[index]);
            }
            takeChunks();
            gate.addAndGet(-OPEN);
            awaitWorkers();
        }
        launch = null;
        if (failure != null) {
            throw failed(work);
        }
    }

    private DeviceException failed(HostLaunch work) {
        return new DeviceException("host: \"" + work.label() + "\" failed in group " + failedGroup + " of " + work.groups()
                + ": " + failure, failure);
    }

    private void awaitWorkers() {
        for (int spin = 0; (gate.get() & INSIDE) != 0; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
            }
        }
    }

    private void work() {
        long done = 0;
        while (!closed) {
            done = enter(done);
            if (closed) {
                return;
            }
            takeChunks();
            if ((gate.decrementAndGet() & (OPEN | INSIDE)) == 0) {
                LockSupport.unpark(caller);
            }
        }
    }

    /** Waits for an open gate with another number than {@code done} and goes through it. */
    private long enter(long done) {
        int spin = 0;
        while (!closed) {
            long now = gate.get();
            if ((now & OPEN) != 0 && now >>> NUMBER_SHIFT != done) {
                if (gate.compareAndSet(now, now + 1)) {
                    return now >>> NUMBER_SHIFT;
                }
            } else if (spin++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                spin = 0;
            }
        }
        return done;
    }

    private void takeChunks() {
        HostLaunch current = launch;
        long end = groups;
        long step = chunk;
        long group = 0;
        try {
            for (long start = nextGroup.getAndAdd(step); start < end; start = nextGroup.getAndAdd(step)) {
                long stop = Math.min(end, start + step);
                for (group = start; group < stop; group++) {
                    current.runGroup(group);
                }
            }
        } catch (Throwable e) {
            // The thread must survive whatever a kernel throws; the caller rethrows it with the launch's label.
            if (failure == null) {
                failedGroup = group;
                failure = e;
            }
            nextGroup.set(end);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }
}
