package dev.quern.bench.suite;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.ceiling.MemoryCeiling;
import dev.quern.runtime.Device;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the cases of a run are held against. Work that memory bounds is held against the fastest copy or read kernel, which takes
 * turns with it, since a ceiling measured once would be another minute's. Owns that kernel's memory.
 */
public final class Yardsticks implements AutoCloseable {
    private final Device device;
    private final Ceilings ceilings;
    private final Map<Ceilings.Bound, Optional<MemoryCeiling>> kernels = new EnumMap<>(Ceilings.Bound.class);

    /** For a device whose ceilings these are. */
    public Yardsticks(Device device, Ceilings ceilings) {
        this.device = device;
        this.ceilings = ceilings;
    }

    /** What takes turns with a case; empty where arithmetic bounds it, or nothing of the case is known that could be held against memory. */
    Optional<Yardstick> of(Bout bout) {
        return bout.yardstick().or(() -> {
            Ceilings.Bound bound = roof(bout).bound();
            return bound.counting() || bout.bytes() == 0 ? Optional.empty()
                    : kernels.computeIfAbsent(bound, one -> MemoryCeiling.open(device, ceilings, one))
                            .map(kernel -> new Yardstick(kernel, kernel.bytes(), bound));
        });
    }

    /** The roof over a case by the ceilings as they were measured. */
    Ceilings.Roof roof(Bout bout) {
        return ceilings.roof(bout.flops(), bout.bytes(), bout.written());
    }

    @Override
    public void close() {
        kernels.values().forEach(kernel -> kernel.ifPresent(MemoryCeiling::close));
    }
}
