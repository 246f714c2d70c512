package dev.quern.graph.profile;

import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.Launch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What each launch of a plan takes on the device, and what the whole step takes on the wall clock.
 *
 * @param regions     the plan's regions in the order in which they run
 * @param steps       how many steps were measured
 * @param stepMillis  the median wall-clock time of a step as it is replayed: its inputs copied, every launch run, the queue empty again
 * @param timedMillis the same of a step whose launches are timed, which takes a little longer
 * @param copyMillis  what copying the inputs takes of it
 * @param covered     the share of a timed step that is accounted for: by copying, by launches, and by waiting between them
 * @param launches    the launches, in the plan's order
 */
public record Profile(List<RegionTime> regions, int steps, double stepMillis, double timedMillis, double copyMillis, double covered,
        List<LaunchTime> launches) {
    public Profile {
        regions = List.copyOf(regions);
        launches = List.copyOf(launches);
    }

    /**
     * One region.
     *
     * @param step       the region
     * @param millis     the median device time of its launches together
     * @param waitMillis the median time that the device waits before them
     */
    public record RegionTime(PlanStep step, double millis, double waitMillis) {
    }

    /**
     * One launch.
     *
     * @param millis     its median device time
     * @param waitMillis the median time that the device waits before it
     * @param resources  what its kernel takes of the device
     */
    public record LaunchTime(double millis, double waitMillis, KernelResources resources) {
    }

    /**
     * Measures a plan whose inputs are given. Steps that are timed launch by launch take turns with steps that run as they do in
     * training, so that what changes on the machine meets both.
     *
     * @param warm  steps before the first that counts
     * @param steps how many of each kind count, at least 1
     */
    public static Profile measure(Plan plan, int warm, int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("a profile of " + steps + " steps");
        }
        for (int i = 0; i < warm; i++) {
            plan.run();
        }
        plan.finish();
        int launches = plan.launches().size();
        long[][] ran = new long[launches][steps];
        long[][] waited = new long[launches][steps];
        long[] whole = new long[steps];
        long[] timed = new long[steps];
        long[] copied = new long[steps];
        double[] covered = new double[steps];
        for (int i = 0; i < steps; i++) {
            Plan.TimedStep step = plan.timeStep();
            long[] durations = step.launches().durations();
            long accounted = step.copy();
            for (int launch = 0; launch < launches; launch++) {
                ran[launch][i] = durations[launch];
                waited[launch][i] = step.launches().wait(launch);
                accounted += ran[launch][i] + waited[launch][i];
            }
            copied[i] = step.copy();
            timed[i] = step.copy() + step.launches().wall();
            covered[i] = (double) accounted / timed[i];
            long start = System.nanoTime();
            plan.run();
            plan.finish();
            whole[i] = System.nanoTime() - start;
        }
        List<RegionTime> regions = new ArrayList<>();
        for (PlanStep step : plan.steps()) {
            regions.add(new RegionTime(step, medianMillis(sums(step, ran, steps)), medianMillis(sums(step, waited, steps))));
        }
        List<LaunchTime> each = new ArrayList<>();
        for (int launch = 0; launch < launches; launch++) {
            Launch bound = plan.boundLaunches().get(launch);
            each.add(new LaunchTime(medianMillis(ran[launch]), medianMillis(waited[launch]),
                    bound.kernel().resources((int) bound.grid().local())));
        }
        Arrays.sort(covered);
        return new Profile(regions, steps, medianMillis(whole), medianMillis(timed), medianMillis(copied), covered[steps / 2], each);
    }

    private static long[] sums(PlanStep step, long[][] nanos, int steps) {
        long[] sums = new long[steps];
        for (PlanStep.PlanLaunch launch : step.launches()) {
            for (int i = 0; i < steps; i++) {
                sums[i] += nanos[launch.index()][i];
            }
        }
        return sums;
    }

    private static double medianMillis(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return (sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0) * 1e-6;
    }

    /** The device time of all launches together. */
    public double deviceMillis() {
        return regions.stream().mapToDouble(RegionTime::millis).sum();
    }

    /** The time that the device waits between launches. */
    public double waitMillis() {
        return regions.stream().mapToDouble(RegionTime::waitMillis).sum();
    }
}
