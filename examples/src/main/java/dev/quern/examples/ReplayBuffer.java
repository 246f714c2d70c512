package dev.quern.examples;

import dev.quern.layers.random.RandomStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The last steps that were taken, to learn from in any order: what was seen, done, got, and seen next. Lin, 1992. */
final class ReplayBuffer {
    private final float[] before;
    private final float[] after;
    private final int[] actions;
    private final boolean[] ended;
    private final int capacity;
    private int size;
    private int next;

    ReplayBuffer(int capacity) {
        this.capacity = capacity;
        before = new float[capacity * CartPole.STATE];
        after = new float[capacity * CartPole.STATE];
        actions = new int[capacity];
        ended = new boolean[capacity];
    }

    int size() {
        return size;
    }

    /** Takes in a step, in the place of the oldest where there is no other. */
    void add(float[] seen, int action, float[] seenNext, boolean fallen) {
        System.arraycopy(seen, 0, before, next * CartPole.STATE, CartPole.STATE);
        System.arraycopy(seenNext, 0, after, next * CartPole.STATE, CartPole.STATE);
        actions[next] = action;
        ended[next] = fallen;
        next = (next + 1) % capacity;
        size = Math.min(capacity, size + 1);
    }

    /**
     * Copies steps drawn at random.
     *
     * @param seen     F32 [batch, 4]
     * @param action   I32 [batch]
     * @param seenNext F32 [batch, 4]
     * @param goesOn   F32 [batch]: 0 where the pole fell, else 1
     */
    void draw(RandomStream random, int batch, MemorySegment seen, MemorySegment action, MemorySegment seenNext, MemorySegment goesOn) {
        for (int row = 0; row < batch; row++) {
            int step = random.nextInt(size);
            for (int i = 0; i < CartPole.STATE; i++) {
                seen.setAtIndex(ValueLayout.JAVA_FLOAT, row * CartPole.STATE + i, before[step * CartPole.STATE + i]);
                seenNext.setAtIndex(ValueLayout.JAVA_FLOAT, row * CartPole.STATE + i, after[step * CartPole.STATE + i]);
            }
            action.setAtIndex(ValueLayout.JAVA_INT, row, actions[step]);
            goesOn.setAtIndex(ValueLayout.JAVA_FLOAT, row, ended[step] ? 0 : 1);
        }
    }
}
