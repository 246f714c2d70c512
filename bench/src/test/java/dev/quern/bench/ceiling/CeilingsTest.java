package dev.quern.bench.ceiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Devices;
import java.util.List;
import org.junit.jupiter.api.Test;

class CeilingsTest {
    private final Ceilings ceilings = new Ceilings(10e9, "copy", 12e9, "read", 300e9, "fma");

    @Test
    void workIsBoundByTheLowerCeiling() {
        assertThat(ceilings.roof(2 * 512.0 * 512 * 512, 3 * 4.0 * 512 * 512, 4.0 * 512 * 512).bound())
                .isEqualTo(Ceilings.Bound.FLOPS);
        Ceilings.Roof copy = ceilings.roof(1e6, 8e6, 4e6);
        assertThat(copy.bound()).isEqualTo(Ceilings.Bound.COPY);
        assertThat(copy.share(1.6)).isCloseTo(0.5, within(1e-12));
        Ceilings.Roof read = ceilings.roof(1e6, 12e6, 4);
        assertThat(read.bound()).isEqualTo(Ceilings.Bound.READ);
        assertThat(read.share(1)).isCloseTo(1, within(1e-12));
    }

    @Test
    void everyDeviceHasCeilingsThatAreNotAbsurd() {
        for (DeviceInfo info : Devices.list()) {
            try (Device device = Devices.open(info.id())) {
                Ceilings measured = CeilingRun.measure(device);
                assertThat(measured.copy()).as(info.id()).isBetween(1e8, 2e13);
                assertThat(measured.read()).as(info.id()).isBetween(1e8, 2e13);
                assertThat(measured.flops()).as(info.id()).isBetween(1e8, 2e15);
                for (Ceilings.Bound bound : List.of(Ceilings.Bound.COPY, Ceilings.Bound.READ)) {
                    try (MemoryCeiling again = MemoryCeiling.open(device, measured, bound).orElseThrow()) {
                        double rate = again.bytes() / (again.block(1, 1)[0] * 1e-9);
                        assertThat(rate).as(info.id() + " " + bound).isBetween(1e8, 2e13);
                    }
                }
                assertThat(MemoryCeiling.open(device, ceilings, Ceilings.Bound.COPY)).as("kernels of another device").isEmpty();
            }
        }
    }
}
