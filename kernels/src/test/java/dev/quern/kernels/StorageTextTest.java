package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Shape;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.Test;

class StorageTextTest {
    private static final int COUNT = 1 + 16 * 64;

    /** Copies element by element, or 16 at a time from an odd place on. */
    private static final String COPY = """
            Q_KERNEL void copy(Q_GLOBAL const FROM_T* from, Q_GLOBAL TO_T* to) {
                const size_t i = Q_GROUP_ID(0);
                if (i == 0) {
                    TO_STORE(to, 0, FROM_LOAD(from, 0));
                }
            #ifdef VECTORS
                TO_STORE16(to, 1 + 16 * i, FROM_LOAD16(from, 1 + 16 * i));
            #else
                for (size_t k = 1 + 16 * i; k < 17 + 16 * i; k++) {
                    TO_STORE(to, k, FROM_LOAD(from, k));
                }
            #endif
            }
            """;

    /** Values that round, overflow, underflow or are not numbers. */
    private static HostTensor values() {
        HostTensor values = HostTensor.zeros(DType.F32, Shape.of(COUNT));
        float[] special = {0f, -0f, 1f, -1f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 65504f, 65520f, 65519f,
            6.1e-5f, 5.9e-8f, 2.9e-8f, 3e-8f, 3.4e38f, Float.MAX_VALUE, Float.intBitsToFloat(0x3f808000),
            Float.intBitsToFloat(0x3f818000), Float.intBitsToFloat(0x3f808001), 1 + 0x1p-11f, 1 + 0x3p-11f};
        Random random = new Random(3);
        for (int i = 0; i < COUNT; i++) {
            values.set(i, i < special.length ? special[i] : random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4));
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F16", "BF16"})
    void kernelsRoundAndWidenAsTheHostDoes(DType dtype) {
        HostTensor values = values();
        HostTensor narrow = HostTensor.zeros(dtype, values.shape());
        HostTensor wide = HostTensor.zeros(DType.F32, values.shape());
        for (int i = 0; i < COUNT; i++) {
            narrow.set(i, values.get(i));
            wide.set(i, narrow.get(i));
        }
        for (boolean vectors : List.of(false, true)) {
            assertSame(narrow, copy(values, dtype, vectors));
            assertSame(wide, copy(narrow, DType.F32, vectors));
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F16", "BF16"})
    void hostKernelsRoundAndWidenAsTensorsDo(DType dtype) {
        HostTensor values = values();
        HostTensor expected = HostTensor.zeros(dtype, values.shape());
        HostTensor stored = HostTensor.zeros(dtype, values.shape());
        for (int i = 0; i < COUNT; i++) {
            expected.set(i, values.get(i));
        }
        HostStorage.store(stored.memory(), dtype, 0, values.toFloats(), 0, COUNT);
        assertSame(expected, stored);
        float[] read = new float[COUNT];
        HostStorage.load(stored.memory(), dtype, 0, read, 0, COUNT);
        for (int i = 0; i < COUNT; i++) {
            assertThat((Double) (double) read[i]).isEqualTo((Double) expected.get(i));
        }
    }

    /** Equal values; any NaN equals any other, since its payload is nobody's business. */
    private static void assertSame(HostTensor expected, HostTensor actual) {
        for (int i = 0; i < COUNT; i++) {
            assertThat((Double) actual.get(i)).as("element %d", i).isEqualTo((Double) expected.get(i));
        }
    }

    private static HostTensor copy(HostTensor from, DType dtype, boolean vectors) {
        Device device = TestDevices.shared("opencl:0");
        String text = StorageText.define("FROM", from.dtype(), 16) + StorageText.define("TO", dtype, 16)
                + (vectors ? "#define VECTORS\n" : "") + COPY;
        HostTensor to = HostTensor.zeros(dtype, from.shape());
        try (Memory source = device.allocate(from.memory().byteSize(), "from");
                Memory target = device.allocate(to.memory().byteSize(), "to");
                Staging staging = device.staging(4L * COUNT);
                Recording recording = device.record(List.of(new Launch("copy",
                        device.compile(KernelText.of("storage/copy", Dialect.OPENCL, text)).kernel("copy"),
                        Grid.ofTiles((COUNT - 1) / 16, 1, 1), List.of(source.slice(), target.slice()))))) {
            MemorySegment.copy(from.memory(), 0, staging.memory(), 0, from.memory().byteSize());
            device.queue().write(staging, source.slice());
            device.queue().run(recording);
            device.queue().read(target.slice(), staging);
            staging.await();
            return HostTensor.of(dtype, from.shape(), staging.memory().asSlice(0, to.memory().byteSize()));
        }
    }

    @Test
    void otherTypesAreRefused() {
        assertThatThrownBy(() -> StorageText.define("X", DType.I32)).hasMessageContaining("X is I32");
        assertThat(StorageText.supports("x", DType.F64).yes()).isFalse();
        assertThat(StorageText.supports("x", DType.BF16).yes()).isTrue();
    }
}
