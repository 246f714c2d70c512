package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import dev.quern.runtime.testing.TestDevices;

/** What every device promises about memory, copies and launches, held on each of them. */
@ParameterizedClass
@MethodSource("dev.quern.runtime.testing.TestDevices#ids")
@Tag("contract")
class DeviceContractTest {
    private final String id;
    private final Device device;
    private final Queue queue;
    private final int alignment;

    DeviceContractTest(String id) {
        this.id = id;
        this.device = TestDevices.shared(id);
        this.queue = device.queue();
        this.alignment = device.info().baseAlignment();
    }

    private byte[] read(Slice slice) {
        try (Staging staging = device.staging(slice.bytes())) {
            queue.read(slice, staging);
            return staging.memory().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private void write(Slice slice, byte[] bytes) {
        try (Staging staging = device.staging(bytes.length)) {
            staging.memory().copyFrom(MemorySegment.ofArray(bytes));
            queue.write(staging, slice);
        }
    }

    private static byte[] count(int bytes) {
        byte[] numbers = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            numbers[i] = (byte) (i * 7 + 1);
        }
        return numbers;
    }

    @Test
    void describesItself() {
        DeviceInfo info = device.info();
        assertThat(info.id()).isEqualTo(id);
        assertThat(info.name()).isNotBlank();
        assertThat(info.computeUnits()).isPositive();
        assertThat(info.maxAllocation()).isPositive().isLessThanOrEqualTo(info.globalMemory());
        assertThat(Integer.bitCount(info.baseAlignment())).isEqualTo(1);
        assertThat(info.vectorBytes()).isGreaterThanOrEqualTo(16);
    }

    @Test
    void newMemoryAndNewStagingAreZero() {
        try (Memory memory = device.allocate(1001, "zeros"); Staging staging = device.staging(1001)) {
            assertThat(read(memory.slice())).containsOnly(0);
            assertThat(staging.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            assertThat(memory.bytes()).isEqualTo(1001);
            assertThat(memory.label()).isEqualTo("zeros");
        }
    }

    @Test
    void whatIsWrittenIsReadBackFromTheSameSlice() {
        try (Memory memory = device.allocate(4L * alignment, "bytes")) {
            Slice part = memory.slice(alignment, 2L * alignment - 3);
            write(part, count((int) part.bytes()));
            assertThat(read(part)).isEqualTo(count((int) part.bytes()));
            assertThat(read(memory.slice(0, alignment))).containsOnly(0);
            assertThat(read(memory.slice(3L * alignment, alignment))).containsOnly(0);
        }
    }

    @Test
    void copiesBetweenSlicesOfOneAndOfTwoMemories() {
        try (Memory one = device.allocate(4L * alignment, "one"); Memory two = device.allocate(2L * alignment, "two")) {
            byte[] bytes = count(alignment + 5);
            Slice source = one.slice(0, bytes.length);
            write(source, bytes);
            queue.copy(source, one.slice(2L * alignment, bytes.length));
            queue.copy(one.slice(2L * alignment, bytes.length), two.slice(0, bytes.length));
            assertThat(read(two.slice(0, bytes.length))).isEqualTo(bytes);
        }
    }

    /** As steps do: what the next one reads is on its way while this one's is still used. */
    @Test
    void whatIsWrittenAheadIsThereForWhatFollowsAndChangesNothingBefore() {
        int bytes = 64 * 1024;
        try (Memory used = device.allocate(bytes, "used"); Memory next = device.allocate(bytes, "next");
                Memory kept = device.allocate(8L * bytes, "kept"); Staging staging = device.staging(bytes)) {
            queue.finish();
            staging.memory().fill((byte) 1);
            queue.writeAhead(staging, next.slice());
            for (int step = 1; step <= 8; step++) {
                queue.copy(next.slice(), used.slice());
                staging.await();
                staging.memory().fill((byte) (step + 1));
                queue.writeAhead(staging, next.slice());
                queue.copy(used.slice(), kept.slice((step - 1L) * bytes, bytes));
            }
            for (int step = 1; step <= 8; step++) {
                assertThat(read(kept.slice((step - 1L) * bytes, bytes))).containsOnly((byte) step);
            }
        }
    }

    @Test
    void fillsExactlyTheSlice() {
        try (Memory memory = device.allocate(3L * alignment, "filled")) {
            Slice part = memory.slice(alignment, 37);
            queue.fill(part, (byte) 0xa5);
            assertThat(read(part)).containsOnly((byte) 0xa5);
            assertThat(read(memory.slice(0, alignment))).containsOnly(0);
            byte[] after = read(memory.slice(alignment, 2L * alignment));
            assertThat(after[36]).isEqualTo((byte) 0xa5);
            assertThat(after[37]).isZero();
        }
    }

    @Test
    void refusesSlicesThatAreNotAlignedOrLeaveTheMemory() {
        try (Memory memory = device.allocate(1000, "block")) {
            assertThatIllegalArgumentException().isThrownBy(() -> memory.slice(4, 8)).withMessageContaining("offset 4")
                    .withMessageContaining("base alignment, " + alignment);
            assertThatIllegalArgumentException().isThrownBy(() -> memory.slice(0, 1001)).withMessageContaining("1000 bytes");
            assertThatIllegalArgumentException().isThrownBy(() -> memory.slice(0, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> memory.slice(-alignment, 8));
            assertThatIllegalArgumentException().isThrownBy(() -> memory.slice(alignment, Long.MAX_VALUE));
        }
    }

    @Test
    void refusesCopiesThatDoNotFit() {
        try (Memory memory = device.allocate(4L * alignment, "block"); Staging small = device.staging(8)) {
            assertThatIllegalArgumentException().isThrownBy(() -> queue.write(small, memory.slice(0, 9)))
                    .withMessageContaining("staging of 8 bytes");
            assertThatIllegalArgumentException().isThrownBy(() -> queue.read(memory.slice(0, 9), small));
            assertThatIllegalArgumentException().isThrownBy(() -> queue.copy(memory.slice(0, 8), memory.slice(alignment, 9)))
                    .withMessageContaining("lengths differ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> queue.copy(memory.slice(0, 2L * alignment), memory.slice(alignment, 2L * alignment)))
                    .withMessageContaining("overlap");
        }
    }

    @Test
    void runsALaunchWithEveryKindOfArgument() {
        int count = 1000;
        try (Memory memory = device.allocate(8192, "numbers"); Staging staging = device.staging(4L * count)) {
            for (int i = 0; i < count; i++) {
                staging.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
            }
            Slice in = memory.slice(0, 4L * count);
            Slice out = memory.slice(4096, 4L * count);
            queue.write(staging, in);
            queue.runOnce(List.of(scale(in, out, 100)), device);
            queue.read(out, staging);
            for (int i = 0; i < count; i++) {
                assertThat(staging.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(i * 0.5f + 7);
            }
        }
    }

    private Launch scale(Slice in, Slice out, int perGroup) {
        return new Launch("scale", Kernels.scale(device), Grid.ofTiles(out.bytes() / 4 / perGroup), List.of(in, out,
                new Argument.I32(perGroup), new Argument.F32(0.5f), new Argument.I64(7)));
    }

    @Test
    void runsLaunchesCopiesAndFillsInTheOrderGiven() {
        int groups = 257;
        try (Memory data = device.allocate(4L * groups, "data"); Staging staging = device.staging(4L * groups)) {
            Kernel advance = Kernels.advance(device);
            List<Launch> launches = new ArrayList<>();
            for (int number = 0; number < 20; number++) {
                launches.add(new Launch("step " + number, advance, Grid.ofTiles(groups),
                        List.of(data.slice(), new Argument.I32(number))));
            }
            int expected = 0;
            try (Recording recording = device.record(launches)) {
                for (int repetition = 0; repetition < 50; repetition++) {
                    queue.fill(data.slice(), (byte) repetition);
                    queue.run(recording);
                    queue.run(recording);
                }
                expected = 0x01010101 * 49;
                for (int number = 0; number < 40; number++) {
                    expected = expected * 3 + number % 20;
                }
                queue.read(data.slice(), staging);
            }
            assertThat(staging.memory().toArray(ValueLayout.JAVA_INT)).containsOnly(expected);
        }
    }

    @Test
    void timesEachLaunchAndRunsItOnce() {
        try (Memory data = device.allocate(4096, "data"); Staging staging = device.staging(4096)) {
            Launch one = new Launch("one", Kernels.advance(device), Grid.ofTiles(1024),
                    List.of(data.slice(), new Argument.I32(1)));
            try (Recording recording = device.record(List.of(one, one, one))) {
                long[] nanoseconds = queue.time(recording);
                assertThat(nanoseconds).hasSize(3);
                for (long each : nanoseconds) {
                    assertThat(each).isBetween(0L, 10_000_000_000L);
                }
            }
            queue.read(data.slice(), staging);
            assertThat(staging.memory().toArray(ValueLayout.JAVA_INT)).containsOnly(13);
        }
    }

    @Test
    void refusesALaunchWithTheWrongNumberOrKindOfArguments() {
        try (Memory data = device.allocate(4096, "data")) {
            Kernel advance = Kernels.advance(device);
            Grid grid = Grid.ofTiles(4);
            Slice all = data.slice();
            Argument number = new Argument.I32(1);
            if (!Kernels.isHost(device)) {
                refused(new Launch("few", advance, grid, List.of(all)), "\"few\"", "takes 2 arguments, 1 were given");
                refused(new Launch("many", advance, grid, List.of(all, number, number)), "takes 2 arguments, 3 were given");
                refused(new Launch("swapped", advance, grid, List.of(number, all)), "\"swapped\", argument 0", "int*");
                refused(new Launch("wide", advance, grid, List.of(all, new Argument.I64(1))), "argument 1", "int number");
            } else {
                assertThatThrownBy(() -> queue.runOnce(List.of(new Launch("few", advance, grid, List.of(all))), device))
                        .isInstanceOf(DeviceException.class).hasMessageContaining("\"few\"").hasMessageContaining("argument 1");
                assertThatThrownBy(() -> queue.runOnce(List.of(new Launch("wide", advance, grid,
                        List.of(all, new Argument.I64(1)))), device)).isInstanceOf(DeviceException.class)
                        .hasMessageContaining("read as I32, but I64 was bound");
            }
        }
    }

    private void refused(Launch launch, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(() -> device.record(List.of(launch)))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void refusesGroupsPastTheDevicesLimit() {
        int local = device.info().maxGroupSize() + 1;
        try (Memory data = device.allocate(64, "data")) {
            refused(new Launch("huge", Kernels.advance(device), new Grid(1, 1, 1, local, 1, 1),
                    List.of(data.slice(), new Argument.I32(1))), "\"huge\"", "at most " + (local - 1));
        }
    }

    @Test
    void refusesClosedMemoryBeforeAnythingRuns() {
        Memory data = device.allocate(64, "data");
        Slice slice = data.slice();
        Launch launch = new Launch("late", Kernels.advance(device), Grid.ofTiles(4), List.of(slice, new Argument.I32(1)));
        try (Recording recording = device.record(List.of(launch)); Staging staging = device.staging(64)) {
            data.close();
            data.close();
            assertThat(data.closed()).isTrue();
            closed(() -> queue.run(recording), "\"data\" is closed");
            closed(() -> queue.time(recording), "\"data\" is closed");
            closed(() -> data.slice(), "\"data\" is closed");
            closed(() -> queue.write(staging, slice), "\"data\" is closed");
            closed(() -> queue.read(slice, staging), "\"data\" is closed");
            closed(() -> queue.fill(slice, (byte) 1), "\"data\" is closed");
            refused(launch, "\"late\", argument 0", "\"data\" is closed");
            recording.close();
            closed(() -> queue.run(recording), "recording is closed");
            staging.close();
            closed(staging::memory, "is closed");
            closed(staging::await, "is closed");
        }
    }

    private static void closed(ThrowingCallable use, String part) {
        assertThatIllegalStateException().isThrownBy(use).withMessageContaining(part);
    }

    @Test
    void refusesWhatBelongsToAnotherDevice() {
        try (Device other = TestDevices.fresh(id); Memory theirs = other.allocate(64, "theirs");
                Memory ours = device.allocate(64, "ours"); Staging staging = other.staging(64)) {
            Argument number = new Argument.I32(1);
            refused(new Launch("l", Kernels.advance(device), Grid.ofTiles(1), List.of(theirs.slice(), number)), "\"theirs\"");
            refused(new Launch("l", Kernels.advance(other), Grid.ofTiles(1), List.of(ours.slice(), number)), "another device");
            assertThatIllegalArgumentException().isThrownBy(() -> queue.copy(theirs.slice(), ours.slice()));
            assertThatIllegalArgumentException().isThrownBy(() -> queue.write(staging, ours.slice()));
            try (Recording recording = other.record(List.of())) {
                assertThatIllegalArgumentException().isThrownBy(() -> queue.run(recording));
            }
        }
    }

    @Test
    void keepsOneProgramForEqualSourcesAndNamesTheEntriesThatThereAre() {
        Kernel advance = Kernels.advance(device);
        long built = device.statistics().programsBuilt();
        assertThat(device.compile(advance.program().source())).isSameAs(advance.program());
        assertThat(device.statistics().programsBuilt()).isEqualTo(built);
        assertThatIllegalArgumentException().isThrownBy(() -> advance.program().kernel("stop")).withMessageContaining("\"stop\"")
                .withMessageContaining("[advance]");
    }

    @Test
    void refusesADialectThatItDoesNotRun() {
        ProgramSource foreign = Kernels.isHost(device) ? KernelText.of("cl", Dialect.OPENCL, "__kernel void k() {}")
                : HostCode.of("java", "k", (arguments, group) -> { });
        assertThatIllegalArgumentException().isThrownBy(() -> device.compile(foreign)).withMessageContaining("dialect")
                .withMessageContaining(id);
    }

    @Test
    void countsAllocationsLiveAndPeakBytes() {
        try (Device own = TestDevices.fresh(id)) {
            assertThat(own.statistics()).isEqualTo(new DeviceStatistics(0, 0, 0, 0, 0));
            Memory a = own.allocate(1000, "a");
            Memory b = own.allocate(500, "b");
            a.close();
            Memory c = own.allocate(200, "c");
            assertThat(own.statistics()).isEqualTo(new DeviceStatistics(3, 0, 0, 700, 1500));
            b.close();
            c.close();
            assertThat(own.statistics().liveBytes()).isZero();
        }
    }

    @Test
    void saysHowMuchWasAskedForWhenMemoryRunsOut() {
        DeviceInfo info = device.info();
        assertThatThrownBy(() -> device.allocate(info.maxAllocation() + 1, "weights"))
                .isInstanceOf(OutOfDeviceMemoryException.class).hasMessageContaining("\"weights\"")
                .hasMessageContaining("asked for").hasMessageContaining("in use");
        assertThatThrownBy(() -> device.allocate(Long.MAX_VALUE, "all")).isInstanceOf(OutOfDeviceMemoryException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> device.allocate(0, "nothing")).withMessageContaining("\"nothing\"");
        assertThatIllegalArgumentException().isThrownBy(() -> device.staging(0));
    }

    @Test
    void aStepAllocatesAlmostNothingOfTheJavaHeap() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Memory data = device.allocate(8192, "data"); Staging staging = device.staging(4096)) {
            Slice in = data.slice(0, 4096);
            Slice out = data.slice(4096, 4096);
            List<Launch> launches = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                launches.add(scale(in, out, 32));
            }
            try (Recording recording = device.record(launches)) {
                long before = 0;
                int warm = 200;
                int counted = 100;
                for (int step = 0; step < warm + counted; step++) {
                    if (step == warm) {
                        before = threads.getCurrentThreadAllocatedBytes();
                    }
                    queue.write(staging, in);
                    queue.run(recording);
                    queue.read(out, staging);
                }
                long each = (threads.getCurrentThreadAllocatedBytes() - before) / counted;
                assertThat(each).as("Java heap bytes a step").isLessThan(1024);
            }
        }
    }

    @Test
    void refusesEverythingAfterClose() {
        Device own = TestDevices.fresh(id);
        Queue itsQueue = own.queue();
        Kernel advance = Kernels.advance(own);
        Memory memory = own.allocate(64, "memory");
        Staging staging = own.staging(64);
        Slice slice = memory.slice();
        Recording recording = own.record(List.of());
        own.close();
        own.close();
        String message = id + " is closed";
        closed(own::info, message);
        closed(own::queue, message);
        closed(() -> own.allocate(64, "late"), message);
        closed(() -> own.staging(64), message);
        closed(() -> own.compile(advance.program().source()), message);
        closed(() -> own.record(List.of()), message);
        closed(own::statistics, message);
        closed(() -> itsQueue.run(recording), message);
        closed(() -> itsQueue.time(recording), message);
        closed(() -> itsQueue.write(staging, slice), message);
        closed(() -> itsQueue.read(slice, staging), message);
        closed(() -> itsQueue.copy(slice, slice), message);
        closed(() -> itsQueue.fill(slice, (byte) 0), message);
        closed(itsQueue::finish, message);
        closed(() -> advance.program().kernel("advance"), message);
        closed(() -> memory.slice(), "closed");
        assertThat(memory.closed()).isTrue();
        memory.close();
        staging.close();
        recording.close();
    }
}
