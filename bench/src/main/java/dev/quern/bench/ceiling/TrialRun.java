package dev.quern.bench.ceiling;

import dev.quern.bench.measure.Contestant;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import java.util.ArrayList;
import java.util.List;

/** A ceiling's kernel bound to its memories, timed on the device's own clock. */
final class TrialRun implements Contestant, AutoCloseable {
    private final String name;
    private final Device device;
    private final Recording recording;

    /**
     * Compiles and binds.
     *
     * @throws dev.quern.runtime.KernelCompileException where the device's compiler does not know what the kernel needs
     */
    TrialRun(Device device, Memory source, Memory target, CeilingKernels.Trial trial) {
        this.name = trial.name();
        this.device = device;
        List<Argument> arguments = new ArrayList<>(switch (trial.memories()) {
            case SOURCE_AND_TARGET, SOURCE_AND_SUMS -> List.of(source.slice(), target.slice());
            case SUMS -> List.of(target.slice());
        });
        arguments.addAll(trial.numbers());
        this.recording = device.record(List.of(new Launch("ceiling: " + name,
                device.compile(trial.source()).kernel(trial.entry()), trial.grid(), arguments)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long[] block(int warm, int runs) {
        for (int i = 0; i < warm; i++) {
            device.queue().run(recording);
        }
        device.queue().finish();
        long[] nanos = new long[runs];
        for (int i = 0; i < runs; i++) {
            nanos[i] = device.queue().time(recording)[0];
        }
        return nanos;
    }

    @Override
    public void close() {
        recording.close();
    }
}
