package dev.quern.graph.profile;

import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What each launch of a plan takes on the device, and what the whole step takes on the wall clock.
 *
 * @param regions      the plan's regions in the order in which they run
 * @param steps        how many steps were measured
 * @param stepMillis   the median wall-clock time of a step as it is replayed: its inputs copied, every launch run, the queue
 *                     empty again
 * @param launchMillis the median device time of each launch, in the plan's order
 */
public record Profile(List<RegionTime> regions, int steps, double stepMillis, List<Double> launchMillis) {
    public Profile {
        regions = List.copyOf(regions);
        launchMillis = List.copyOf(launchMillis);
    }

    /**
     * One region.
     *
     * @param step   the region
     * @param millis the median device time of its launches together
     */
    public record RegionTime(PlanStep step, double millis) {
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
        long[][] nanos = new long[launches][steps];
        long[] whole = new long[steps];
        for (int i = 0; i < steps; i++) {
            long[] times = plan.timeLaunches();
            for (int launch = 0; launch < launches; launch++) {
                nanos[launch][i] = times[launch];
            }
            long start = System.nanoTime();
            plan.run();
            plan.finish();
            whole[i] = System.nanoTime() - start;
        }
        List<RegionTime> regions = new ArrayList<>();
        for (PlanStep step : plan.steps()) {
            long[] sums = new long[steps];
            for (PlanStep.PlanLaunch launch : step.launches()) {
                for (int i = 0; i < steps; i++) {
                    sums[i] += nanos[launch.index()][i];
                }
            }
            regions.add(new RegionTime(step, medianMillis(sums)));
        }
        return new Profile(regions, steps, medianMillis(whole), Arrays.stream(nanos).map(Profile::medianMillis).toList());
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

    /** The share of a step's wall-clock time that its launches account for. */
    public double covered() {
        return deviceMillis() / stepMillis;
    }
}
