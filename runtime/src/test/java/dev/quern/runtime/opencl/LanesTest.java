package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;

class LanesTest {
    private static final Object ARENA = "arena";

    private static Lanes.Access reads(int start, int end) {
        return new Lanes.Access(ARENA, start, end, false);
    }

    private static Lanes.Access writes(int start, int end) {
        return new Lanes.Access(ARENA, start, end, true);
    }

    /** Whether each launch is certainly done before another starts: order in a lane, and waits, carried on. */
    private static boolean[][] ordered(Lanes lanes, int count) {
        boolean[][] before = new boolean[count][count];
        for (int later = 0; later < count; later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                if (lanes.lane(earlier) == lanes.lane(later) || lanes.waitsFor(later) == earlier) {
                    before[later][earlier] = true;
                    for (int first = 0; first < earlier; first++) {
                        before[later][first] |= before[earlier][first];
                    }
                }
            }
        }
        return before;
    }

    @Test
    void everyNeedIsKeptWhateverTheAccesses() {
        Random random = new Random(7);
        for (int repetition = 0; repetition < 300; repetition++) {
            List<List<Lanes.Access>> launches = new ArrayList<>();
            int count = 1 + random.nextInt(25);
            for (int launch = 0; launch < count; launch++) {
                List<Lanes.Access> accesses = new ArrayList<>();
                for (int access = 0; access < 1 + random.nextInt(3); access++) {
                    int start = random.nextInt(20);
                    accesses.add(new Lanes.Access(random.nextInt(4) == 0 ? "other" : ARENA, start,
                            start + 1 + random.nextInt(3), random.nextInt(3) == 0));
                }
                launches.add(accesses);
            }
            Lanes lanes = Lanes.deal(launches);
            boolean[][] before = ordered(lanes, count);
            int lastOfLaneOne = Lanes.NOTHING;
            int reachedFromLaneZero = lanes.joined();
            for (int later = 0; later < count; later++) {
                for (int earlier = 0; earlier < later; earlier++) {
                    boolean needed = false;
                    for (Lanes.Access a : launches.get(later)) {
                        for (Lanes.Access b : launches.get(earlier)) {
                            needed |= a.conflicts(b);
                        }
                    }
                    assertThat(!needed || before[later][earlier]).as("%s after %s of %s", later, earlier, launches).isTrue();
                }
                if (lanes.waitsFor(later) != Lanes.NOTHING) {
                    assertThat(lanes.awaited(lanes.waitsFor(later))).isTrue();
                }
                if (lanes.lane(later) == 1) {
                    assertThat(before[later][0]).as("lane 1 starts after what came before the list").isTrue();
                    lastOfLaneOne = later;
                } else {
                    reachedFromLaneZero = Math.max(reachedFromLaneZero, lanes.waitsFor(later));
                }
            }
            assertThat(reachedFromLaneZero).as("the end waits for lane 1").isGreaterThanOrEqualTo(lastOfLaneOne);
        }
    }

    @Test
    void aChainStaysInOneLane() {
        Lanes lanes = Lanes.deal(List.of(List.of(writes(0, 1)), List.of(reads(0, 1), writes(1, 2)),
                List.of(reads(1, 2), writes(2, 3)), List.of(reads(2, 3), writes(0, 1))));
        assertThat(lanes.two()).isFalse();
    }

    @Test
    void weightGradientsRunBesideTheChainOfInputGradients() {
        // dy3 -> (dw3, update3) and dx3 = dy2 -> (dw2, update2) and dx2 = dy1 -> (dw1, update1)
        Lanes lanes = Lanes.deal(List.of(List.of(writes(0, 1)), // dy3
                List.of(reads(0, 1), writes(10, 11)), List.of(reads(10, 11), writes(20, 21)), // dw3, update3
                List.of(reads(0, 1), writes(1, 2)), // dy2
                List.of(reads(1, 2), writes(11, 12)), List.of(reads(11, 12), writes(21, 22)), // dw2, update2
                List.of(reads(1, 2), writes(2, 3)), // dy1
                List.of(reads(2, 3), writes(12, 13)), List.of(reads(12, 13), writes(22, 23)))); // dw1, update1
        int[] lane = new int[9];
        for (int at = 0; at < lane.length; at++) {
            lane[at] = lanes.lane(at);
        }
        assertThat(lane).containsExactly(0, 1, 1, 0, 1, 1, 0, 0, 0);
        assertThat(lanes.joined()).isEqualTo(5);
    }

    @Test
    void sharedReadingIsNoNeedButOverlappingSlicesAre() {
        assertThat(reads(0, 4).conflicts(reads(2, 6))).isFalse();
        assertThat(reads(0, 4).conflicts(writes(3, 6))).isTrue();
        assertThat(writes(0, 4).conflicts(writes(4, 6))).isFalse();
        assertThat(writes(0, 4).conflicts(new Lanes.Access("other", 0, 4, true))).isFalse();
    }

    @Test
    void aRecordingInTwoLanesGivesWhatOneInOrderGives() {
        Device device = TestDevices.shared("opencl:0");
        Kernel mix = device.compile(KernelText.of("test/mix", Dialect.PORTABLE, """
                Q_KERNEL void mixed(Q_GLOBAL const int* in, Q_GLOBAL int* out, int rounds) {
                    size_t at = Q_GLOBAL_ID(0);
                    int value = out[at] + in[at];
                    for (int i = 0; i < rounds; i++) {
                        value = value * 1664525 + 1013904223;
                    }
                    out[at] = value;
                }
                """)).kernel("mixed");
        int items = 256;
        int slots = 12;
        int slot = 4096;
        int[][] expected = new int[slots][items];
        Random random = new Random(11);
        try (Memory arena = device.allocate((long) slot * slots, "arena"); Staging staging = device.staging(4L * items)) {
            List<Launch> launches = new ArrayList<>();
            List<int[]> steps = new ArrayList<>();
            for (int launch = 0; launch < 60; launch++) {
                int in = random.nextInt(slots);
                int out = (in + 1 + random.nextInt(slots - 1)) % slots;
                int rounds = random.nextInt(4) == 0 ? 2000 : 10;
                steps.add(new int[] {in, out, rounds});
                launches.add(new Launch("mix " + launch, mix, new Grid(32, 1, 1, 8, 1, 1),
                        List.of(arena.slice((long) in * slot, 4L * items), arena.slice((long) out * slot, 4L * items),
                                new Argument.I32(rounds))));
            }
            try (Recording recording = device.record(launches)) {
                for (int repetition = 0; repetition < 30; repetition++) {
                    device.queue().run(recording);
                    steps.forEach(step -> mix(expected[step[0]], expected[step[1]], step[2]));
                }
                for (int index = 0; index < slots; index++) {
                    Slice slice = arena.slice((long) index * slot, 4L * items);
                    device.queue().read(slice, staging);
                    assertThat(staging.memory().toArray(ValueLayout.JAVA_INT)).isEqualTo(expected[index]);
                }
            }
        }
    }

    private static void mix(int[] in, int[] out, int rounds) {
        for (int at = 0; at < in.length; at++) {
            int value = out[at] + in[at];
            for (int i = 0; i < rounds; i++) {
                value = value * 1664525 + 1013904223;
            }
            out[at] = value;
        }
    }
}
