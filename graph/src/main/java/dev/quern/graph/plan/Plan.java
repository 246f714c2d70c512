package dev.quern.graph.plan;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.Random;
import dev.quern.graph.op.TensorType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Launch;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.Timeline;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A compiled graph, replayed step by step: fill the inputs, {@link #run()}, read what is needed. A step copies the inputs in
 * one piece and replays launches whose arguments were bound once; it allocates no device memory, builds no program and walks
 * no graph. Borrows its {@link State}. Not for use by several threads at a time.
 */
public final class Plan implements AutoCloseable {
    /** A named output and where it is. */
    record Output(TensorType type, Slice slice) {
    }

    /** An input's place in the staging memory, and whether anything was ever put there. */
    private static final class Place {
        private final TensorType type;
        private final MemorySegment segment;
        private boolean given;

        private Place(TensorType type, MemorySegment segment) {
            this.type = type;
            this.segment = segment;
        }
    }

    private static final TensorType SCALAR = TensorType.f32();

    private final String name;
    private final Device device;
    private final PlanMemory memory;
    private final Recording recording;
    private final Supplier<RegionRun> cut;
    private final boolean checkFinite;
    private final Staging inputs;
    private final Slice inputSlice;
    /** Where the next step's inputs wait, on devices that copy beside a step, and whether they are on their way. */
    private final Optional<Slice> nextInputs;
    private boolean handedOver;
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, Output> outputs;
    private final Map<String, Staging> outputStaging = new HashMap<>();
    private final Explain explain;
    private final List<PlanStep> steps;
    private final PlanStatistics statistics;
    private final List<String> labels;
    private Optional<RegionRun> regions = Optional.empty();
    private int notGiven;
    private boolean closed;

    Plan(Graph graph, Device device, PlanMemory memory, Recording recording, Buffers buffers, Map<String, Output> outputs,
            Explain explain, List<PlanStep> steps, PlanStatistics statistics, Supplier<RegionRun> cut, boolean checkFinite) {
        this.name = graph.name();
        this.device = device;
        this.memory = memory;
        this.recording = recording;
        this.cut = cut;
        this.checkFinite = checkFinite;
        this.outputs = outputs;
        this.explain = explain;
        this.steps = List.copyOf(steps);
        this.statistics = statistics;
        this.labels = recording.launches().stream().map(Launch::label).toList();
        this.inputs = device.staging(Math.max(1, buffers.inputBytes()));
        this.inputSlice = memory.inputs().orElse(null);
        this.nextInputs = memory.nextInputs();
        buffers.inputs().forEach((value, input) -> places.put(input, new Place(value.type(),
                inputs.memory().asSlice(((Home.InInputs) buffers.home(value)).offset(), value.type().bytes()))));
        this.notGiven = places.size();
    }

    /** The names of the inputs and step scalars. */
    public List<String> inputs() {
        return List.copyOf(new TreeSet<>(places.keySet()));
    }

    /** The type of an input. */
    public TensorType inputType(String input) {
        return place(input).type;
    }

    /**
     * The memory to fill with an input before {@link #run()}: dense and row-major, in the machine's byte order. It keeps its
     * contents from step to step. Waits until the last step's copy is done; ask for it again before each step.
     *
     * @throws QuernException if the graph has no such input
     */
    public MemorySegment input(String input) {
        requireOpen();
        return give(place(input));
    }

    /**
     * A copy of what an input was given.
     *
     * @throws QuernException if the graph has no such input
     */
    public HostTensor given(String input) {
        requireOpen();
        Place place = place(input);
        return HostTensor.of(place.type.dtype(), place.type.shape(), place.segment);
    }

    /** Copies a tensor to an input. */
    public void set(String input, HostTensor tensor) {
        Place place = place(input);
        if (tensor.dtype() != place.type.dtype() || !tensor.shape().equals(place.type.shape())) {
            throw new QuernException("plan " + name + ": input " + input + " is " + place.type + ", the tensor given is "
                    + tensor);
        }
        input(input).copyFrom(tensor.memory());
    }

    /** Sets a step scalar; it keeps its value until set again. */
    public void setScalar(String scalar, float value) {
        requireOpen();
        Place place = place(scalar);
        if (!place.type.equals(SCALAR)) {
            throw new QuernException("plan " + name + ": input " + scalar + " is " + place.type + ", not an F32 scalar");
        }
        give(place).set(ValueLayout.JAVA_FLOAT, 0, value);
    }

    /** Whether the graph draws random numbers, so that {@link #setRandom} must be called. */
    public boolean isRandom() {
        return places.containsKey(Random.KEY);
    }

    /**
     * Says which random numbers the next step draws: equal seeds and steps give equal numbers, on every device. Kept until set
     * again.
     *
     * @throws QuernException if the graph draws none
     */
    public void setRandom(long seed, long step) {
        MemorySegment key = input(Random.KEY);
        key.setAtIndex(ValueLayout.JAVA_INT, 0, (int) seed);
        key.setAtIndex(ValueLayout.JAVA_INT, 1, (int) (seed >>> 32));
        key.setAtIndex(ValueLayout.JAVA_INT, 2, (int) step);
        key.setAtIndex(ValueLayout.JAVA_INT, 3, (int) (step >>> 32));
    }

    /**
     * Starts copying what the inputs hold for the next {@link #run()}, beside the step that was run last, on devices that can; elsewhere it
     * does nothing. An input that is given anew before that run is copied again, with all others.
     *
     * @throws QuernException if an input or a step scalar was never given
     */
    public void handOver() {
        requireReady();
        if (nextInputs.isPresent()) {
            inputs.await();
            device.queue().writeAhead(inputs, nextInputs.get());
            handedOver = true;
        }
    }

    private MemorySegment give(Place place) {
        inputs.await();
        handedOver = false;
        if (!place.given) {
            place.given = true;
            notGiven--;
        }
        return place.segment;
    }

    private Place place(String input) {
        Place place = places.get(input);
        if (place == null) {
            throw new QuernException("plan " + name + ": has no input " + input + "; it has " + inputs());
        }
        return place;
    }

    /**
     * Runs one step. May return before it is done; errors of the device then come with the next call that waits. In guard mode
     * it waits and checks every fence.
     *
     * @throws QuernException if an input or a step scalar was never given, or, where that is checked, if a tensor is not finite
     */
    public void run() {
        if (checkFinite) {
            run(new FiniteCheck(name));
            return;
        }
        requireReady();
        memory.poison();
        copyInputs();
        device.queue().run(recording);
        checkGuards();
    }

    /**
     * Runs one step region by region under the eyes of an observer: slow, with memory made anew each time that it reads.
     *
     * @throws QuernException if an input or a step scalar was never given
     */
    public void run(RegionObserver observer) {
        requireReady();
        memory.poison();
        copyInputs();
        if (regions.isEmpty()) {
            regions = Optional.of(cut.get());
        }
        regions.get().run(observer);
        device.queue().finish();
        checkGuards();
    }

    private void copyInputs() {
        if (handedOver) {
            device.queue().copy(nextInputs.orElseThrow(), inputSlice);
            handedOver = false;
        } else if (inputSlice != null) {
            device.queue().write(inputs, inputSlice);
        }
    }

    private void checkGuards() {
        if (memory.isGuarded()) {
            device.queue().finish();
            memory.check();
        }
    }

    /** Waits until everything given to the device is done. */
    public void finish() {
        requireOpen();
        device.queue().finish();
    }

    /**
     * A step that was timed.
     *
     * @param copy     nanoseconds on the wall clock that copying the inputs took
     * @param launches when each launch ran; in the order of {@link #launches()}
     */
    public record TimedStep(long copy, Timeline launches) {
    }

    /** Runs one step and times its parts: slower than {@link #run()}, for it waits between the two. */
    public TimedStep timeStep() {
        requireReady();
        long start = System.nanoTime();
        copyInputs();
        device.queue().finish();
        long copied = System.nanoTime() - start;
        return new TimedStep(copied, device.queue().timeline(recording));
    }

    /** The labels of the launches: the region's name and the launch's role. */
    public List<String> launches() {
        return labels;
    }

    /** The launches as they are bound, with their kernels and grids: for looking at, {@link #run()} runs them. */
    public List<Launch> boundLaunches() {
        return recording.launches();
    }

    /** The names of the outputs. */
    public List<String> outputs() {
        return List.copyOf(new TreeSet<>(outputs.keySet()));
    }

    /** The type of an output. */
    public TensorType outputType(String output) {
        return output(output).type;
    }

    /** The first element of an F32 output after the last step. Waits for it. */
    public float scalar(String output) {
        return fetch(output).get(ValueLayout.JAVA_FLOAT, 0);
    }

    /** Copies an output to host memory of exactly its length. Waits for it. */
    public void read(String output, MemorySegment target) {
        Output source = output(output);
        if (target.byteSize() != source.type.bytes()) {
            throw new QuernException("plan " + name + ": output " + output + " " + source.type + " has "
                    + source.type.bytes() + " bytes, the target " + target.byteSize());
        }
        target.copyFrom(fetch(output));
    }

    /** Copies an output to a tensor of its type. Waits for it. */
    public void read(String output, HostTensor target) {
        read(output, target.memory());
    }

    /** An output as a fresh tensor. Waits for it. */
    public HostTensor read(String output) {
        Output source = output(output);
        return HostTensor.of(source.type.dtype(), source.type.shape(), fetch(output));
    }

    private MemorySegment fetch(String output) {
        requireOpen();
        Output source = output(output);
        Staging staging = outputStaging.get(output);
        if (staging == null) {
            staging = device.staging(Math.max(1, source.type.bytes()));
            outputStaging.put(output, staging);
        }
        device.queue().read(source.slice, staging);
        return staging.memory().asSlice(0, source.type.bytes());
    }

    private Output output(String output) {
        Output found = outputs.get(output);
        if (found == null) {
            throw new QuernException("plan " + name + ": has no output " + output + "; it has " + outputs());
        }
        return found;
    }

    /** What the plan does and why: regions, variants, launches, slots, fusions. Equal for equal graphs and devices. */
    public String explain() {
        return explain.text();
    }

    /** The same of some of its {@link #steps} alone, with the fusions that concern their nodes. */
    public String explain(List<PlanStep> regions) {
        return explain.text(regions.stream().map(steps::indexOf).toList());
    }

    /** What the plan does and why, as data. */
    public Explanation explanation() {
        return explain.explanation(steps);
    }

    /** The regions in the order in which they run, each with its nodes, user lines, variant and launches. */
    public List<PlanStep> steps() {
        return steps;
    }

    /** Sixteen hexadecimal digits that are equal for plans which do the same work in the same way. */
    public String hash() {
        return explain.hash();
    }

    /** Counts and sizes. */
    public PlanStatistics statistics() {
        return statistics;
    }

    private void requireReady() {
        requireOpen();
        if (notGiven > 0) {
            List<String> missing = inputs().stream().filter(input -> !places.get(input).given).toList();
            throw new QuernException("plan " + name + ": nothing was given for " + String.join(", ", missing)
                    + "; fill input(name) or call set or setScalar before the first step");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("plan " + name + " is closed");
        }
    }

    /** Releases the plan's memory; the state stays. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            regions.ifPresent(RegionRun::close);
            recording.close();
            inputs.close();
            outputStaging.values().forEach(Staging::close);
            memory.close();
        }
    }
}
