package dev.quern.runtime.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.ValueLayout;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;

@ParameterizedClass
@MethodSource("dev.quern.runtime.testing.TestDevices#ids")
class GuardedMemoryTest {
    private final Device device;

    GuardedMemoryTest(String id) {
        this.device = TestDevices.shared(id);
    }

    /** {@code put(data, index, value)}: sets the int at {@code index} of the slice, or past it. */
    private void put(Slice slice, int index) {
        Kernel kernel = device.compile(device.info().runs(Dialect.JAVA)
                ? HostCode.of("test/put", "put", (arguments, group) ->
                        arguments.memory(0).setAtIndex(ValueLayout.JAVA_INT, arguments.i32(1), 7))
                : KernelText.of("test/put", Dialect.PORTABLE,
                        "Q_KERNEL void put(Q_GLOBAL int* data, int index) { data[index] = 7; }")).kernel("put");
        device.queue().runOnce(List.of(new Launch("put", kernel, Grid.ofTiles(1), List.of(slice, new Argument.I32(index)))),
                device);
    }

    private void requireFences() {
        assumeFalse(device.info().platform().contains("Oclgrind"), "Oclgrind watches the bounds itself");
    }

    @Test
    void writingInsideIsFine() {
        try (GuardedMemory guarded = GuardedMemory.allocate(device, 41, "inside")) {
            assertThat(guarded.slice().bytes()).isEqualTo(41);
            put(guarded.slice(), 0);
            put(guarded.slice(), 9);
            guarded.check();
        }
    }

    @Test
    void writingPastTheEndIsFound() {
        requireFences();
        int bytes = 44;
        for (int index : new int[] {11, 12, 500}) {
            try (GuardedMemory guarded = GuardedMemory.allocate(device, bytes, "short")) {
                if (device.info().runs(Dialect.JAVA)) {
                    // The host's slices end where they end: the fence is never reached.
                    assertThatThrownBy(() -> put(guarded.slice(), index)).hasMessageContaining("Out of bound");
                } else {
                    put(guarded.slice(), index);
                    assertThatThrownBy(guarded::check).isInstanceOf(GuardViolationException.class)
                            .hasMessageContaining("\"short\"").hasMessageContaining(index * 4 - bytes + " bytes past the end");
                }
            }
        }
    }

    @Test
    void fencesOnBothSidesAreWatched() {
        requireFences();
        try (GuardedMemory guarded = GuardedMemory.allocate(device, 64, "fenced")) {
            Memory whole = guarded.slice().memory();
            long last = guarded.slice().offset() - device.info().baseAlignment();
            device.queue().fill(whole.slice(last, device.info().baseAlignment()), (byte) 0);
            assertThatThrownBy(guarded::check).isInstanceOf(GuardViolationException.class)
                    .hasMessageContaining("1 bytes before the start");
        }
    }

    @Test
    void copyingOneFenceOverAnotherIsFound() {
        requireFences();
        try (GuardedMemory one = GuardedMemory.allocate(device, 64, "one");
                GuardedMemory two = GuardedMemory.allocate(device, 64, "two")) {
            long end = one.slice().offset() + device.info().baseAlignment();
            device.queue().copy(one.slice().memory().slice(end, 256), two.slice().memory().slice(end, 256));
            one.check();
            assertThatThrownBy(two::check).isInstanceOf(GuardViolationException.class).hasMessageContaining("\"two\"");
        }
    }

    @Test
    void contentsAndFencesReadAsNan() {
        try (GuardedMemory guarded = GuardedMemory.allocate(device, 64, "poison");
                Staging staging = device.staging(guarded.slice().memory().bytes())) {
            put(guarded.slice(), 3);
            guarded.poison();
            device.queue().read(guarded.slice().memory().slice(), staging);
            for (long at = 0; at + 8 <= staging.memory().byteSize(); at += 8) {
                assertThat(staging.memory().get(ValueLayout.JAVA_FLOAT, at)).isNaN();
                assertThat(staging.memory().get(ValueLayout.JAVA_DOUBLE, at)).isNaN();
                assertThat(Float.float16ToFloat(staging.memory().get(ValueLayout.JAVA_SHORT, at))).isNaN();
                assertThat(Float.intBitsToFloat(staging.memory().get(ValueLayout.JAVA_SHORT, at) << 16)).isNaN();
            }
        }
    }
}
