package dev.quern.runtime.host;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.quern.runtime.Device;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostKernel;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramFile;
import dev.quern.runtime.ProgramSource;

/** Java kernels, as they were given: there is nothing to compile. */
final class HostProgram implements Program {
    private final HostCode source;
    private final HostDevice device;
    private final Map<String, Entry> entries = new TreeMap<>();

    /** One Java kernel of a program. */
    record Entry(String name, Program program, HostKernel body) implements Kernel {
        @Override
        public KernelResources resources(int groupSize) {
            return KernelResources.UNKNOWN;
        }
    }

    HostProgram(HostCode source, HostDevice device) {
        this.source = source;
        this.device = device;
        source.kernels().forEach((name, body) -> entries.put(name, new Entry(name, this, body)));
    }

    @Override
    public ProgramSource source() {
        return source;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Kernel kernel(String entry) {
        device.requireOpen();
        Entry found = entries.get(entry);
        if (found == null) {
            throw new IllegalArgumentException("program " + source.name() + " has no kernel \"" + entry + "\"; it has "
                    + new TreeSet<>(entries.keySet()));
        }
        return found;
    }

    @Override
    public Optional<byte[]> binary() {
        return Optional.empty();
    }

    @Override
    public List<ProgramFile> files() {
        return source.files().get();
    }
}
