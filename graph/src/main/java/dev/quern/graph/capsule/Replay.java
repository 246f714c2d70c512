package dev.quern.graph.capsule;

import dev.quern.graph.plan.Plan;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A capsule's step run again.
 *
 * @param results what it gave, beside what it gave when it was kept: outputs, then the tensors of the state that it changes
 * @param changes what the plan has that the recorded one had not, and the other way round; empty where it is the same plan
 * @param foreign why the bits may differ though nothing is wrong; empty where they must be equal
 */
public record Replay(List<Result> results, List<String> changes, String foreign) {
    /**
     * One result.
     *
     * @param name       an output's name, or {@code state PATH}
     * @param difference how it differs from what was kept
     */
    public record Result(String name, Difference difference) {
    }

    /**
     * Runs a capsule's step.
     *
     * @throws QuernException if its graph cannot be compiled on the device as it was, or the capsule does not fit its graph
     */
    public static Replay run(Capsule capsule, Device device) {
        try (OpenedStep step = OpenedStep.open(capsule, device, capsule.options())) {
            Plan plan = step.plan();
            plan.run();
            Capsule.Result result = Capsule.Result.of(capsule.graph(), plan, step.state());
            List<Result> results = new ArrayList<>();
            compare("", capsule.outputs(), result.outputs(), results);
            compare("state ", capsule.after(), result.after(), results);
            Capsule.Made now = Capsule.Made.of(plan, device.info());
            return new Replay(results, changes(capsule.made(), now), foreign(capsule.made(), now, device.info()));
        }
    }

    private static void compare(String prefix, SortedMap<String, HostTensor> kept, SortedMap<String, HostTensor> now, List<Result> results) {
        if (!kept.keySet().equals(now.keySet())) {
            throw new QuernException("the capsule holds " + prefix + kept.keySet() + ", its graph gives " + now.keySet());
        }
        kept.forEach((name, tensor) -> results.add(new Result(prefix + name, Difference.between(tensor, now.get(name)))));
    }

    private static String foreign(Capsule.Made kept, Capsule.Made now, DeviceInfo device) {
        if (!kept.device().equals(now.device()) || !kept.deviceName().equals(now.deviceName())) {
            return "it was recorded on " + kept.device() + " " + kept.deviceName();
        }
        if (!kept.driver().equals(device.driver()) || !kept.platform().equals(device.platform())) {
            return "it was recorded with " + kept.platform() + ", driver " + kept.driver();
        }
        return kept.hash().equals(now.hash()) && kept.kernels().equals(now.kernels()) ? "" : "it was recorded with another plan";
    }

    private static List<String> changes(Capsule.Made kept, Capsule.Made now) {
        List<String> changes = new ArrayList<>();
        kept.regions().stream().filter(region -> !now.regions().contains(region)).forEach(region -> changes.add("- " + region));
        now.regions().stream().filter(region -> !kept.regions().contains(region)).forEach(region -> changes.add("+ " + region));
        // Of equal regions the texts come in the same order.
        if (changes.isEmpty()) {
            for (int i = 0; i < Math.min(kept.kernels().size(), now.kernels().size()); i++) {
                if (!kept.kernels().get(i).equals(now.kernels().get(i))) {
                    changes.add("kernel " + kept.kernels().get(i).name() + ": its text is another");
                }
            }
        }
        return changes;
    }

    /** The first result whose bits are not those that were kept. */
    public Optional<Result> firstDifferent() {
        return results.stream().filter(result -> !result.difference().bitwise()).findFirst();
    }

    /** Whether every bit is as it was. */
    public boolean isBitwise() {
        return firstDifferent().isEmpty();
    }

    /** Whether the step came out as it should: bitwise where that can be asked, else every result within a relative tolerance. */
    public boolean holds(double tolerance) {
        return foreign.isEmpty() ? isBitwise() : results.stream().allMatch(result -> result.difference().within(tolerance));
    }
}
