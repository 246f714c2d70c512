package dev.quern.layers.data;

import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Fills training batches ahead of their use, in a thread of its own: while a step runs on one batch, the next one is filled. Two
 * batches are kept, never more. Which batch comes when is up to the caller alone, and what a batch holds to the loader, so that
 * results do not depend on timing: a batch that was not foreseen is filled when it is asked for.
 *
 * <p>What goes wrong in the thread comes out of the {@link #take} that asks for that batch. Apart from the loader's own, nothing is
 * allocated after the first batch. For one caller at a time. It takes the loader over: nobody else may use it until this is closed.
 */
public final class Prefetcher implements AutoCloseable {
    private enum Work {
        NONE, ASKED, FILLING, DONE
    }

    private final BatchLoader loader;
    private final List<List<MemorySegment>> slots;
    private Thread thread;
    private Work work = Work.NONE;
    private Throwable failure;
    private long epoch;
    private int number;
    private int slot;
    private boolean closed;

    /**
     * A prefetcher, whose thread starts with the first batch.
     *
     * @param loader fills the batches
     * @param feeds  the tensors of a batch, those of the loader's samples
     * @param batch  samples a batch, as the loader fills
     */
    public Prefetcher(BatchLoader loader, List<Feed> feeds, int batch) {
        this.loader = loader;
        this.slots = List.of(slot(feeds, batch), slot(feeds, batch));
    }

    private static List<MemorySegment> slot(List<Feed> feeds, int batch) {
        return feeds.stream().map(feed -> HostTensor.zeros(feed.dtype(), feed.batchShape(batch)).memory()).toList();
    }

    /**
     * A batch; waits until it is there, and has the one after it filled meanwhile.
     *
     * @param epoch  0 is the first
     * @param number the batch's number in the epoch
     * @return one segment a feed, valid until the next call
     * @throws RuntimeException what the loader threw for this batch
     */
    public synchronized List<MemorySegment> take(long epoch, int number) {
        if (closed) {
            throw new IllegalStateException("the prefetcher is closed");
        }
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("quern-prefetch").start(this::fill);
        }
        boolean foreseen = work != Work.NONE && this.epoch == epoch && this.number == number;
        if (!foreseen) {
            await(Work.FILLING);
            ask(epoch, number);
        }
        await(Work.ASKED);
        await(Work.FILLING);
        Throwable failed = failure;
        failure = null;
        if (failed != null) {
            work = Work.NONE;
            switch (failed) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failed);
            }
        }
        List<MemorySegment> taken = slots.get(slot);
        slot = 1 - slot;
        boolean last = number + 1 >= loader.trainingBatches();
        ask(last ? epoch + 1 : epoch, last ? 0 : number + 1);
        return taken;
    }

    private void ask(long epoch, int number) {
        this.epoch = epoch;
        this.number = number;
        failure = null;
        work = Work.ASKED;
        notifyAll();
    }

    /** Waits until the work is no longer at this point. An interrupt is kept for who waits for one. */
    private void await(Work point) {
        boolean interrupted = false;
        while (work == point) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill() {
        while (true) {
            long ofEpoch;
            int ofNumber;
            List<MemorySegment> into;
            synchronized (this) {
                while (work != Work.ASKED && !closed) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        // Nobody has this thread to interrupt it; closing is what ends it.
                    }
                }
                if (closed) {
                    return;
                }
                work = Work.FILLING;
                ofEpoch = epoch;
                ofNumber = number;
                into = slots.get(slot);
            }
            Throwable failed = null;
            try {
                loader.fillTraining(ofEpoch, ofNumber, into);
            } catch (Throwable e) {
                failed = e;
            }
            synchronized (this) {
                failure = failed;
                work = Work.DONE;
                notifyAll();
            }
        }
    }

    /** Waits for the batch that is being filled, and ends the thread; twice is once. */
    @Override
    public void close() {
        Thread ending;
        synchronized (this) {
            closed = true;
            notifyAll();
            ending = thread;
            thread = null;
        }
        boolean interrupted = false;
        while (ending != null && ending.isAlive()) {
            try {
                ending.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
