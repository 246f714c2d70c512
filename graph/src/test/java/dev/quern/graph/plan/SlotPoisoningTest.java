package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.fuzz.GraphGrower;
import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.fuzz.LeafData;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.kernels.KernelBinding;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Memory of random graphs: a slot is poison before its value is written and after its last use, and still every value that is read is
 * the one that was written. First by names alone, as one would on paper, then on devices.
 */
class SlotPoisoningTest {
    private static final int ON_PAPER = 150;
    private static final int ON_HOST = 60;
    private static final int ON_OPENCL = 4;
    private static final byte POISON = (byte) 0xff;
    private static final double MOST_WASTE = 1.10;
    private static final double WITHIN = 0.95;

    private static Grown grown(FuzzSettings settings, int number) {
        long seed = settings.seedOf(number);
        return GraphGrower.grow("memory" + number, Choices.random(seed, seed), false);
    }

    @Test
    @Tag("fuzz")
    void onPaperEveryReadSeesWhatWasWrittenAndLittleIsWasted() {
        FuzzSettings settings = FuzzSettings.read(ON_PAPER);
        List<String> failures = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        Device device = TestDevices.shared("host");
        settings.numbers().forEach(number -> {
            for (boolean fuse : new boolean[] {true, false}) {
                double least = Double.POSITIVE_INFINITY;
                for (Draft draft : Draft.of(grown(settings, number).graph(), device.info(), fuse)) {
                    new Paper(draft).wrong().ifPresent(wrong -> failures.add(settings.again(number) + ": " + wrong));
                    if (draft.layout().bound() > 0) {
                        least = Math.min(least, (double) draft.layout().bytes() / draft.layout().bound());
                    }
                }
                if (Double.isFinite(least)) {
                    ratios.add(least);
                }
            }
        });
        assertThat(failures).as("%s failures", failures.size()).isEmpty();
        double tight = ratios.stream().filter(ratio -> ratio <= MOST_WASTE).count() / Math.max(1.0, ratios.size());
        assertThat(tight).as("of %s arenas, the largest %s of its bound, those within %s", ratios.size(),
                ratios.stream().mapToDouble(ratio -> ratio).max().orElse(1), MOST_WASTE).isGreaterThanOrEqualTo(WITHIN);
    }

    @TestFactory
    @Tag("fuzz")
    Stream<DynamicTest> poisonedSlotsChangeNothing() {
        return TestDevices.ids().map(id -> DynamicTest.dynamicTest(id, () -> {
            FuzzSettings settings = FuzzSettings.read(id.equals("host") ? ON_HOST : ON_OPENCL);
            try (Device device = TestDevices.fresh(id)) {
                settings.numbers().forEach(number -> {
                    Grown grown = grown(settings, number);
                    Map<String, HostTensor> leaves = LeafData.of(grown, settings.seedOf(number));
                    Map<String, HostTensor> expected = planned(device, grown, leaves);
                    for (Draft draft : Draft.of(grown.graph(), device.info(), true)) {
                        poisoned(device, draft, leaves).forEach((name, actual) ->
                                assertThat(actual.memory().mismatch(expected.get(name).memory())).as("%s: first other byte of %s %s",
                                        settings.again(number), name, actual).isNegative());
                    }
                });
            }
        }));
    }

    private static Map<String, HostTensor> planned(Device device, Grown grown, Map<String, HostTensor> leaves) {
        Map<String, HostTensor> results = new HashMap<>();
        try (GraphRunner runner = GraphRunner.on(device, grown.graph(), CompileOptions.defaults())) {
            for (Node node : grown.graph().nodes()) {
                if (node.op() instanceof Parameter) {
                    runner.write(node.name(), leaves.get(node.name()));
                } else if (leaves.containsKey(node.name())) {
                    runner.set(node.name(), leaves.get(node.name()));
                }
            }
            runner.run();
            grown.graph().outputs().keySet().forEach(name -> results.put("output " + name, runner.output(name)));
            grown.graph().assignments().forEach(node -> {
                String path = ((Assign) node.op()).path();
                results.put("state " + path, runner.state(path));
            });
        }
        return results;
    }

    /** Runs a step region by region, with poison in every slot that is not in use. */
    private static Map<String, HostTensor> poisoned(Device device, Draft draft, Map<String, HostTensor> leaves) {
        Map<String, HostTensor> results = new LinkedHashMap<>();
        Buffers buffers = draft.buffers();
        try (State state = State.create(device);
                PlanMemory memory = PlanMemory.allocate("poisoned", device, buffers, draft.layout(), false)) {
            for (Node node : draft.graph().nodes()) {
                if (node.op() instanceof Parameter parameter) {
                    state.declare(parameter.path(), parameter.type());
                    state.write(parameter.path(), leaves.get(parameter.path()));
                }
            }
            buffers.inputs().forEach((value, name) -> write(device, slice(value, buffers, memory, state), leaves.get(name)));
            for (int slot = 0; slot < buffers.lifetimes().size(); slot++) {
                device.queue().fill(memory.temporary(slot), POISON);
            }
            for (int step = 0; step < draft.order().size(); step++) {
                Region region = draft.order().get(step);
                List<Slice> workspaces = buffers.workspaces(step).stream().map(memory::temporary).toList();
                Map<Integer, List<Slice>> prologues = new HashMap<>();
                region.prologueInputs().forEach((operand, values) -> prologues.put(operand,
                        values.stream().map(value -> slice(value, buffers, memory, state)).toList()));
                KernelBinding binding = new KernelBinding(
                        region.work().operands().stream().map(value -> slice(value, buffers, memory, state)).toList(),
                        region.epilogueTensors().stream().map(value -> slice(value, buffers, memory, state)).toList(), workspaces,
                        prologues);
                device.queue().runOnce(binding.launches(region.name(), draft.kernels().get(step), device), device);
                for (int slot = 0; slot < buffers.lifetimes().size(); slot++) {
                    if (buffers.lifetimes().get(slot).last() == step) {
                        device.queue().fill(memory.temporary(slot), POISON);
                    }
                }
            }
            draft.graph().outputs().forEach((name, value) -> results.put("output " + name,
                    read(device, value, slice(value, buffers, memory, state))));
            draft.graph().assignments().forEach(node -> {
                String path = ((Assign) node.op()).path();
                results.put("state " + path, state.read(path));
            });
        }
        return results;
    }

    private static Slice slice(NodeOutput value, Buffers buffers, PlanMemory memory, State state) {
        NodeOutput owner = Storage.of(value);
        return switch (buffers.home(owner)) {
            case Home.InState(String path) -> state.slice(path);
            case Home.InInputs(long offset) -> memory.input(offset, owner.type().bytes());
            case Home.InOutputs(int slot) -> memory.output(slot);
            case Home.InTemporaries(int slot) -> memory.temporary(slot);
        };
    }

    private static void write(Device device, Slice slice, HostTensor tensor) {
        try (Staging staging = device.staging(Math.max(1, tensor.memory().byteSize()))) {
            staging.memory().copyFrom(tensor.memory());
            device.queue().write(staging, slice);
            staging.await();
        }
    }

    private static HostTensor read(Device device, NodeOutput value, Slice slice) {
        try (Staging staging = device.staging(Math.max(1, value.type().bytes()))) {
            device.queue().read(slice, staging);
            return HostTensor.of(value.type().dtype(), value.type().shape(), staging.memory().asSlice(0, value.type().bytes()));
        }
    }

    /** A step by names: who has written each place of memory last, and whether a kernel may write where it reads. */
    private static final class Paper {
        private final Draft draft;
        private final Map<String, NodeOutput> contents = new HashMap<>();

        private Paper(Draft draft) {
            this.draft = draft;
            for (Node node : draft.graph().nodes()) {
                if (node.op() instanceof Input || node.op() instanceof StepScalar || node.op() instanceof Parameter) {
                    write(node.output(0));
                }
            }
        }

        private Optional<String> wrong() {
            Map<NodeOutput, Integer> last = draft.lastUses();
            for (int step = 0; step < draft.order().size(); step++) {
                Region region = draft.order().get(step);
                for (NodeOutput value : region.reads()) {
                    if (!holds(value)) {
                        return Optional.of(region.name() + " reads " + value.name() + ", whose place holds something else by then");
                    }
                }
                Optional<String> clash = clash(step);
                if (clash.isPresent()) {
                    return clash;
                }
                region.writes().forEach(this::write);
                int now = step;
                last.forEach((value, end) -> {
                    if (end == now && draft.buffers().home(value) instanceof Home.InTemporaries) {
                        places(value).forEach(place -> contents.remove(place, value));
                    }
                });
            }
            return draft.graph().outputs().entrySet().stream().filter(output -> !holds(Storage.of(output.getValue()))).findFirst()
                    .map(output -> "output " + output.getKey() + " holds something else in the end");
        }

        /** What a kernel writes must be apart from all else of its launch, but for what it reads just before, element by element. */
        private Optional<String> clash(int step) {
            Region region = draft.order().get(step);
            Map<String, String> taken = new HashMap<>();
            for (int slot : draft.buffers().workspaces(step)) {
                for (String place : temporaries(slot, draft.buffers().lifetimes().get(slot).bytes())) {
                    if (taken.put(place, "a workspace") != null) {
                        return Optional.of(region.name() + ": two workspaces lie on each other");
                    }
                }
            }
            for (NodeOutput value : region.reads()) {
                for (String place : places(value)) {
                    if ("a workspace".equals(taken.put(place, value.name()))) {
                        return Optional.of(region.name() + " reads " + value.name() + " where its workspace lies");
                    }
                }
            }
            for (NodeOutput value : region.writes()) {
                for (String place : places(value)) {
                    String other = taken.put(place, "written " + value.name());
                    if (other != null && !mayTakeOver(region, value, other)) {
                        return Optional.of(region.name() + " writes " + value.name() + " on " + other);
                    }
                }
            }
            return Optional.empty();
        }

        private boolean mayTakeOver(Region region, NodeOutput value, String read) {
            if (!(region.work().problem() instanceof PointwiseProblem problem)) {
                return false;
            }
            int output = 0;
            int input = 0;
            int inOrder = 0;
            int others = 0;
            for (PointwiseProblem.Part part : problem.parts()) {
                List<NodeOutput> results = region.work().outputs().subList(output, output + part.results().size());
                for (PointwiseProblem.Input each : part.inputs()) {
                    if (Storage.of(region.work().inputs().get(input++)).name().equals(read)) {
                        boolean own = results.stream().anyMatch(result -> Storage.of(result).equals(value)) && each.isContiguous(part.shape())
                                && each.dtype().bytes() == value.type().dtype().bytes();
                        inOrder += own ? 1 : 0;
                        others += own ? 0 : 1;
                    }
                }
                output += part.results().size();
            }
            return inOrder > 0 && others == 0;
        }

        private void write(NodeOutput value) {
            places(value).forEach(place -> contents.put(place, value));
        }

        private boolean holds(NodeOutput value) {
            return places(value).stream().allMatch(place -> value.equals(contents.get(place)));
        }

        private List<String> places(NodeOutput value) {
            return switch (draft.buffers().home(value)) {
                case Home.InState(String path) -> List.of("state " + path);
                case Home.InInputs(long offset) -> List.of("input " + offset);
                case Home.InOutputs(int slot) -> List.of("output " + slot);
                case Home.InTemporaries(int slot) -> temporaries(slot, value.type().bytes());
            };
        }

        /** The aligned pieces of a slot. */
        private List<String> temporaries(int slot, long bytes) {
            Layout.Place place = draft.layout().places().get(slot);
            long piece = TestDevices.shared("host").info().baseAlignment();
            List<String> places = new ArrayList<>();
            for (long at = 0; at < Math.max(1, bytes); at += piece) {
                places.add(place.block() + ":" + (place.offset() + at));
            }
            return places;
        }
    }
}
