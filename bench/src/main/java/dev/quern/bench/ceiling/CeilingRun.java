package dev.quern.bench.ceiling;

import dev.quern.bench.measure.Machine;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.Memory;
import dev.quern.runtime.QuernException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures a device's ceilings: every kernel that might be the fastest, several times, on the device's own clock. */
public final class CeilingRun {
    private static final Logger LOG = LoggerFactory.getLogger(CeilingRun.class);
    private static final long LEAST_BYTES = 32L << 20;
    private static final int WARM = 2;
    private static final int RUNS = 9;

    private CeilingRun() {
    }

    /** The ceilings of a device, from its fastest kernels' medians. Takes about a second. */
    public static Ceilings measure(Device device) {
        long bytes = bytes(device.info());
        CeilingKernels kernels = new CeilingKernels(device.info(), bytes);
        try (Memory source = device.allocate(bytes, "ceiling source");
                Memory target = device.allocate(bytes, "ceiling target")) {
            Best copy = best(device, source, target, kernels.copies());
            Best read = best(device, source, target, kernels.reads());
            Best flops = best(device, source, target, kernels.multiplications());
            return new Ceilings(copy.rate, copy.name, read.rate, read.name, flops.rate, flops.name);
        }
    }

    /** A power of two of at least twice the last-level cache, for source and target together are then four times it. */
    static long bytes(DeviceInfo device) {
        long wanted = Math.max(LEAST_BYTES, 2 * Machine.lastLevelCacheBytes());
        long possible = Math.min(device.maxAllocation(), device.globalMemory() / 8);
        return Long.highestOneBit(Math.clamp(wanted * 2 - 1, 1L << 20, Math.max(1L << 20, possible)));
    }

    private record Best(String name, double rate) {
    }

    private static Best best(Device device, Memory source, Memory target, List<CeilingKernels.Trial> trials) {
        Best best = new Best("", 0);
        for (CeilingKernels.Trial trial : trials) {
            Optional<Double> seconds = seconds(device, source, target, trial);
            if (seconds.isPresent() && trial.work() / seconds.get() > best.rate) {
                best = new Best(trial.name(), trial.work() / seconds.get());
            }
        }
        if (best.rate == 0) {
            throw new QuernException("device " + device.info().id() + " runs none of the kernels that measure its ceilings");
        }
        return best;
    }

    /** The median; empty where the device's compiler does not know what the kernel needs. */
    private static Optional<Double> seconds(Device device, Memory source, Memory target, CeilingKernels.Trial trial) {
        try (TrialRun run = new TrialRun(device, source, target, trial)) {
            long[] nanos = run.block(WARM, RUNS);
            Arrays.sort(nanos);
            LOG.debug("{}: {} ns", trial.name(), nanos[RUNS / 2]);
            return Optional.of(nanos[RUNS / 2] * 1e-9);
        } catch (KernelCompileException e) {
            LOG.debug("{} does not compile on {}", trial.name(), device.info().id());
            return Optional.empty();
        }
    }
}
