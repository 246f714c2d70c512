package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PrefetcherTest {
    private static final int SAMPLES = 23;
    private static final int BATCH = 4;
    private static final Feed FEED = Feed.indices("x", SAMPLES, Shape.scalar());

    /** Each sample is its own number; one of them may be broken, and filling may have to wait. */
    private static class Numbers implements Samples {
        private final int broken;
        private final CountDownLatch gate;
        private final AtomicInteger copied = new AtomicInteger();

        Numbers(int broken, CountDownLatch gate) {
            this.broken = broken;
            this.gate = gate;
        }

        static Numbers whole() {
            return new Numbers(-1, new CountDownLatch(0));
        }

        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public int size() {
            return SAMPLES;
        }

        @Override
        public List<Feed> feeds() {
            return List.of(FEED);
        }

        @Override
        public void copy(int sample, int row, List<MemorySegment> batch) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (sample == broken) {
                throw new QuernException("sample " + sample + " cannot be read");
            }
            copied.incrementAndGet();
            batch.getFirst().setAtIndex(ValueLayout.JAVA_INT, row, sample);
        }
    }

    private static Prefetcher prefetcher(Samples samples) {
        return new Prefetcher(new BatchLoader(samples, BATCH, 7), List.of(FEED), BATCH);
    }

    private static int[] ints(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_INT);
    }

    private static int[] loaded(BatchLoader loader, long epoch, int number) {
        MemorySegment segment = HostTensor.zeros(DType.I32, Shape.of(BATCH)).memory();
        loader.fillTraining(epoch, number, List.of(segment));
        return ints(segment);
    }

    @Test
    void batchesAreTheLoadersWhateverTheOrderTheyAreAskedFor() {
        BatchLoader loader = new BatchLoader(Numbers.whole(), BATCH, 7);
        int batches = loader.trainingBatches();
        try (Prefetcher prefetcher = prefetcher(Numbers.whole())) {
            for (long epoch = 0; epoch < 3; epoch++) {
                for (int number = 0; number < batches; number++) {
                    assertThat(ints(prefetcher.take(epoch, number).getFirst())).isEqualTo(loaded(loader, epoch, number));
                }
            }
            for (int[] jump : new int[][] {{1, 3}, {1, 3}, {0, 0}, {5, 4}, {6, 0}, {2, 1}}) {
                assertThat(ints(prefetcher.take(jump[0], jump[1]).getFirst())).isEqualTo(loaded(loader, jump[0], jump[1]));
            }
        }
    }

    @Test
    void theNextBatchIsFilledWhileOneIsUsed() throws InterruptedException {
        Numbers samples = Numbers.whole();
        try (Prefetcher prefetcher = prefetcher(samples)) {
            int[] first = ints(prefetcher.take(0, 0).getFirst());
            MemorySegment held = prefetcher.take(0, 1).getFirst();
            int[] second = ints(held);
            for (int waited = 0; samples.copied.get() < 3 * BATCH; waited++) {
                assertThat(waited).as("milliseconds until batch 2 was filled by itself").isLessThan(10_000);
                TimeUnit.MILLISECONDS.sleep(1);
            }
            assertThat(ints(held)).as("the batch in use").isEqualTo(second).isNotEqualTo(first);
            TimeUnit.MILLISECONDS.sleep(20);
            assertThat(samples.copied.get()).as("samples copied ahead").isEqualTo(3 * BATCH);
        }
    }

    @Test
    void whatFailsComesOutOfTheBatchThatItConcerns() {
        BatchLoader loader = new BatchLoader(Numbers.whole(), BATCH, 7);
        int broken = loaded(loader, 0, 2)[1];
        try (Prefetcher prefetcher = prefetcher(new Numbers(broken, new CountDownLatch(0)))) {
            prefetcher.take(0, 0);
            prefetcher.take(0, 1);
            for (int again = 0; again < 2; again++) {
                assertThatThrownBy(() -> prefetcher.take(0, 2)).isInstanceOf(QuernException.class)
                        .hasMessage("sample " + broken + " cannot be read");
            }
            assertThat(ints(prefetcher.take(0, 3).getFirst())).isEqualTo(loaded(loader, 0, 3));
        }
    }

    @Test
    void closingEndsTheThreadAlsoWhileItFills() throws InterruptedException {
        Set<Thread> before = prefetching();
        CountDownLatch gate = new CountDownLatch(1);
        Prefetcher prefetcher = prefetcher(new Numbers(-1, gate));
        Thread opener = Thread.ofPlatform().start(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            gate.countDown();
        });
        prefetcher.take(0, 0);
        prefetcher.close();
        prefetcher.close();
        opener.join();
        assertThat(prefetching()).isEqualTo(before);
        assertThatThrownBy(() -> prefetcher.take(0, 1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        prefetcher(Numbers.whole()).close();
    }

    private static Set<Thread> prefetching() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("quern-prefetch"))
                .collect(java.util.stream.Collectors.toSet());
    }
}
