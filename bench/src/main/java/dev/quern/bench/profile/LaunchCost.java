package dev.quern.bench.profile;

import com.sun.management.ThreadMXBean;
import dev.quern.runtime.Device;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * What a replay costs the thread that calls it, until it has given the last launch to the device: on the wall clock, which also runs
 * while the thread waits for a core, and in processor time of that thread.
 *
 * @param launches  launches in a replay
 * @param wall      microseconds a launch on the wall clock, of each replay, ascending
 * @param processor microseconds a launch of the thread's processor time, of each replay, ascending
 * @param whole     microseconds until the device was done, of each replay, ascending
 */
public record LaunchCost(int launches, double[] wall, double[] processor, double[] whole) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Records launches anew and replays them, each time with the device idle before. */
    public static LaunchCost measure(Device device, List<Launch> launches, int warm, int replays) {
        double[] wall = new double[replays];
        double[] processor = new double[replays];
        double[] whole = new double[replays];
        try (Recording recording = device.record(launches)) {
            for (int i = -warm; i < replays; i++) {
                // The wall clock is read inside, so that it does not count what reading the other one takes.
                long used = THREADS.getCurrentThreadCpuTime();
                long start = System.nanoTime();
                device.queue().run(recording);
                long given = System.nanoTime();
                used = THREADS.getCurrentThreadCpuTime() - used;
                device.queue().finish();
                if (i >= 0) {
                    wall[i] = (given - start) * 1e-3 / launches.size();
                    processor[i] = used * 1e-3 / launches.size();
                    whole[i] = (System.nanoTime() - start) * 1e-3;
                }
            }
        }
        Arrays.sort(wall);
        Arrays.sort(processor);
        Arrays.sort(whole);
        return new LaunchCost(launches.size(), wall, processor, whole);
    }

    /** The value that a share of a sorted list is below. */
    public static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))];
    }
}
