package dev.quern.graph.capsule;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One step of a plan with everything that it depends on and what came of it: the graph as its user built it, how it was compiled,
 * what it was compiled to, inputs (step scalars, seed and step of random numbers among them), the state before, outputs and the
 * state after. Equal steps give equal files.
 *
 * @param note    what step this is, for people
 * @param graph   the graph before any pass
 * @param options how it was compiled
 * @param made    the plan that it was compiled to
 * @param inputs  what the inputs and step scalars were given, by name
 * @param before  the tensors of the state that the step uses, as they were, by path
 * @param outputs what the step gave, by name
 * @param after   the tensors of the state that the step changes, as they became, by path
 */
public record Capsule(String note, Graph graph, CompileOptions options, Made made, SortedMap<String, HostTensor> inputs,
        SortedMap<String, HostTensor> before, SortedMap<String, HostTensor> outputs, SortedMap<String, HostTensor> after) {
    public Capsule {
        inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
        before = Collections.unmodifiableSortedMap(new TreeMap<>(before));
        outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
        after = Collections.unmodifiableSortedMap(new TreeMap<>(after));
    }

    /**
     * What a graph was compiled to.
     *
     * @param device     the device's id
     * @param deviceName the driver's name for it
     * @param platform   its API and platform
     * @param driver     the driver's version
     * @param hash       the plan's hash
     * @param regions    the regions in their order of execution
     * @param kernels    the texts of the kernels, each once
     */
    public record Made(String device, String deviceName, String platform, String driver, String hash, List<MadeRegion> regions,
            List<KernelText> kernels) {
        public Made {
            regions = List.copyOf(regions);
            kernels = List.copyOf(kernels);
        }

        /** What a plan is. */
        public static Made of(Plan plan, DeviceInfo device) {
            Set<KernelText> kernels = new LinkedHashSet<>();
            List<MadeRegion> regions = new ArrayList<>();
            for (PlanStep step : plan.steps()) {
                regions.add(new MadeRegion(step.region(), step.problem(), step.variant(), step.parameters().toString()));
                for (PlanStep.PlanLaunch launch : step.launches()) {
                    if (launch.source() instanceof KernelText text) {
                        kernels.add(text);
                    }
                }
            }
            return new Made(device.id(), device.name(), device.platform(), device.driver(), plan.hash(), regions,
                    List.copyOf(kernels));
        }
    }

    /**
     * A region of a plan.
     *
     * @param region     its name
     * @param problem    its problem's key
     * @param variant    the variant
     * @param parameters the values of its tunables
     */
    public record MadeRegion(String region, String problem, String variant, String parameters) {
        /** For example {@code conv1: conv2d-forward … by direct_cpu}. */
        @Override
        public String toString() {
            return region + ": " + problem + " by " + variant + (parameters.equals("{}") ? "" : " " + parameters);
        }
    }

    /**
     * Runs one step of a plan whose inputs are given, and keeps it.
     *
     * @param note    what step this is
     * @param graph   what the plan was compiled from
     * @param options how
     * @param plan    the plan
     * @param state   the plan's state
     */
    public static Capsule ofNextStep(String note, Graph graph, CompileOptions options, Plan plan, State state) {
        TreeMap<String, HostTensor> inputs = new TreeMap<>();
        plan.inputs().forEach(input -> inputs.put(input, plan.given(input)));
        TreeMap<String, HostTensor> before = new TreeMap<>();
        paths(graph, false).forEach(path -> before.put(path, state.read(path)));
        plan.run();
        Result result = Result.of(graph, plan, state);
        return new Capsule(note, graph, options, Made.of(plan, state.device().info()), inputs, before, result.outputs(), result.after());
    }

    /** What a step left behind. */
    record Result(SortedMap<String, HostTensor> outputs, SortedMap<String, HostTensor> after) {
        static Result of(Graph graph, Plan plan, State state) {
            TreeMap<String, HostTensor> outputs = new TreeMap<>();
            plan.outputs().forEach(output -> outputs.put(output, plan.read(output)));
            TreeMap<String, HostTensor> after = new TreeMap<>();
            paths(graph, true).forEach(path -> after.put(path, state.read(path)));
            return new Result(outputs, after);
        }
    }

    /** The paths of the state that a step uses, or those that it assigns. */
    private static Set<String> paths(Graph graph, boolean assigned) {
        Set<String> paths = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Assign assign) {
                paths.add(assign.path());
            } else if (!assigned && node.op() instanceof Parameter parameter) {
                paths.add(parameter.path());
            }
        }
        return paths;
    }

    /** Everything that the step reads, by name or path. */
    public SortedMap<String, HostTensor> leaves() {
        TreeMap<String, HostTensor> leaves = new TreeMap<>(before);
        leaves.putAll(inputs);
        return leaves;
    }

    /**
     * Reads and checks a whole file.
     *
     * @throws dev.quern.runtime.QuernException if it cannot be read, is no capsule, is of another format, or is damaged
     */
    public static Capsule read(Path path) {
        return CapsuleReader.read(path);
    }

    /**
     * Writes the file's bytes: a zip of {@code capsule.json}, tensors and kernel texts. Equal capsules give equal bytes.
     *
     * @throws dev.quern.runtime.QuernException if the graph has an operation of the user's own, whose Java code no file can hold
     */
    public void writeTo(OutputStream out) throws IOException {
        new CapsuleWriter(this).write(out);
    }

    /** The groups of tensors by the folder that they have in the file. */
    Map<String, SortedMap<String, HostTensor>> folders() {
        Map<String, SortedMap<String, HostTensor>> folders = new TreeMap<>();
        folders.put("inputs", inputs);
        folders.put("before", before);
        folders.put("outputs", outputs);
        folders.put("after", after);
        return folders;
    }
}
