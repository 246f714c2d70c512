package dev.quern.bench.ceiling;

import dev.quern.bench.measure.Contestant;
import dev.quern.runtime.Device;
import dev.quern.runtime.Memory;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kernel that copied or read fastest when the ceilings were measured, made ready to run again in turns with other work: what
 * memory can do changes while a run lasts.
 */
public final class MemoryCeiling implements Contestant, AutoCloseable {
    private final Memory source;
    private final Memory target;
    private final TrialRun run;
    private final double bytes;

    private MemoryCeiling(Device device, CeilingKernels.Trial trial, long length) {
        this.bytes = trial.work();
        this.source = device.allocate(length, "ceiling source");
        try {
            this.target = device.allocate(length, "ceiling target");
            try {
                this.run = new TrialRun(device, source, target, trial);
            } catch (RuntimeException e) {
                target.close();
                throw e;
            }
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /**
     * The kernel behind a ceiling of a device.
     *
     * @param bound {@link Ceilings.Bound#COPY} or {@link Ceilings.Bound#READ}
     * @return empty where no kernel of this device has the name that the ceilings give, so that they are another's
     */
    public static Optional<MemoryCeiling> open(Device device, Ceilings ceilings, Ceilings.Bound bound) {
        long length = CeilingRun.bytes(device.info());
        CeilingKernels kernels = new CeilingKernels(device.info(), length);
        Stream<CeilingKernels.Trial> trials = switch (bound) {
            case COPY -> kernels.copies().stream().filter(trial -> trial.name().equals(ceilings.copyBy()));
            case READ -> kernels.reads().stream().filter(trial -> trial.name().equals(ceilings.readBy()));
            case FLOPS, GEMM -> throw new IllegalArgumentException(bound + " is no ceiling of memory");
        };
        return trials.findFirst().map(trial -> new MemoryCeiling(device, trial, length));
    }

    /** How many bytes one run moves, read and written both counted. */
    public double bytes() {
        return bytes;
    }

    @Override
    public String name() {
        return run.name();
    }

    @Override
    public long[] block(int warm, int runs) {
        return run.block(warm, runs);
    }

    @Override
    public void close() {
        run.close();
        target.close();
        source.close();
    }
}
