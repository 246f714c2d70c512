package dev.quern.graph.extract;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.plan.ObservedRegion;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.RegionObserver;
import dev.quern.graph.report.KernelComment;
import dev.quern.runtime.Argument;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.ProgramFile;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A region of a step as it ran: its kernels' whole texts, its launches, what was in its memory before and after.
 *
 * @param step    its nodes, lines and cost
 * @param plan    the plan's hash
 * @param device  the device's name
 * @param sources the text of each launch's program as its compiler got it, with a comment that leads back to the user's lines
 * @param launches the launches; memory arguments lie in {@code buffers}
 * @param buffers the memory that the launches get
 * @param results the values that it writes
 */
public record ExtractedRegion(PlanStep step, String plan, String device, List<String> sources, List<Launch> launches, List<Buffer> buffers,
        List<Result> results) {
    /** Where a slice begins. */
    record Place(Memory memory, long offset) {
        static Place of(Slice slice) {
            return new Place(slice.memory(), slice.offset());
        }
    }

    /**
     * Memory that launches get.
     *
     * @param place    where it was
     * @param name     the value that it holds, or {@code workspace}
     * @param bytes    its length
     * @param content  what was in it before; empty where the region does not look
     * @param restored whether the region writes what it reads, so that each run needs it anew
     */
    record Buffer(Place place, String name, long bytes, Optional<byte[]> content, boolean restored) {
    }

    /** A value that the region writes: the place of its bytes, and the value afterwards. */
    record Result(String name, Place place, HostTensor value) {
    }

    /**
     * Runs a step and keeps one region of it.
     *
     * @param plan   a plan whose inputs are given
     * @param region one of its regions
     * @param device the name of the plan's device
     * @throws QuernException if the region's kernels are not OpenCL C or of the portable dialect on an OpenCL device
     */
    public static ExtractedRegion of(Plan plan, PlanStep region, String device) {
        Taker taker = new Taker(plan, region, device);
        plan.run(taker);
        return taker.taken.orElseThrow();
    }

    /** Reads memory before and after the region. */
    private static final class Taker implements RegionObserver {
        private final Plan plan;
        private final PlanStep wanted;
        private final String device;
        private final Map<Place, Buffer> buffers = new LinkedHashMap<>();
        private Optional<ExtractedRegion> taken = Optional.empty();

        private Taker(Plan plan, PlanStep wanted, String device) {
            this.plan = plan;
            this.wanted = wanted;
            this.device = device;
        }

        @Override
        public void before(ObservedRegion region) {
            if (!region.step().equals(wanted)) {
                return;
            }
            Map<Place, String> read = new LinkedHashMap<>();
            region.reads().forEach(value -> read.putIfAbsent(Place.of(region.slice(value)), value.name()));
            Map<Place, String> written = new LinkedHashMap<>();
            region.writes().forEach(value -> written.putIfAbsent(Place.of(region.slice(value)), value.name()));
            Map<Place, Slice> slices = new LinkedHashMap<>();
            for (Launch launch : region.launches()) {
                for (Argument argument : launch.arguments()) {
                    if (argument instanceof Slice slice) {
                        slices.merge(Place.of(slice), slice, (one, other) -> one.bytes() >= other.bytes() ? one : other);
                    }
                }
            }
            slices.forEach((place, slice) -> {
                String name = read.getOrDefault(place, written.getOrDefault(place, "workspace"));
                buffers.put(place, new Buffer(place, name, slice.bytes(),
                        read.containsKey(place) ? Optional.of(region.read(slice)) : Optional.empty(),
                        read.containsKey(place) && written.containsKey(place)));
            });
        }

        @Override
        public void after(ObservedRegion region) {
            if (!region.step().equals(wanted)) {
                return;
            }
            List<Result> results = new ArrayList<>();
            for (NodeOutput value : region.writes()) {
                results.add(new Result(value.name(), Place.of(region.slice(value)), region.read(value)));
            }
            List<String> sources = region.launches().stream().map(launch -> source(launch)).toList();
            taken = Optional.of(new ExtractedRegion(wanted, plan.hash(), device, sources, region.launches(), List.copyOf(buffers.values()),
                    results));
        }

        private String source(Launch launch) {
            Optional<ProgramFile> text = launch.kernel().program().files().stream().filter(file -> file.extension().equals("cl")).findFirst();
            if (text.isEmpty() || !(launch.kernel().program().source() instanceof KernelText)) {
                throw new QuernException("region " + wanted.region() + " runs " + wanted.family() + "/" + wanted.variant() + " on " + device
                        + ", which is not OpenCL C; extract it on an OpenCL device (--device opencl:0), or pin a variant that runs there");
            }
            return KernelComment.of(launch.kernel().program().source(), plan.steps())
                    + new String(text.get().content(), StandardCharsets.UTF_8);
        }
    }
}
