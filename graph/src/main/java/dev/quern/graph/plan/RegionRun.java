package dev.quern.graph.plan;

import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A plan's step cut into its regions, each with a recording of its own, so that what happens between them can be seen. */
final class RegionRun implements AutoCloseable {
    private final Device device;
    private final Function<NodeOutput, Slice> slices;
    private final List<Cut> regions = new ArrayList<>();

    private final class Cut implements ObservedRegion {
        private final Region region;
        private final PlanStep step;
        private final Recording recording;

        private Cut(Region region, PlanStep step, Recording recording) {
            this.region = region;
            this.step = step;
            this.recording = recording;
        }

        @Override
        public PlanStep step() {
            return step;
        }

        @Override
        public List<NodeOutput> reads() {
            return List.copyOf(region.reads());
        }

        @Override
        public List<NodeOutput> writes() {
            return region.writes();
        }

        @Override
        public List<Launch> launches() {
            return recording.launches();
        }

        @Override
        public HostTensor read(NodeOutput value) {
            try (Staging staging = device.staging(Math.max(1, value.type().bytes()))) {
                device.queue().read(slices.apply(value), staging);
                return HostTensor.of(value.type().dtype(), value.type().shape(), staging.memory().asSlice(0, value.type().bytes()));
            }
        }

        @Override
        public Slice slice(NodeOutput value) {
            return slices.apply(value);
        }

        @Override
        public byte[] read(Slice slice) {
            try (Staging staging = device.staging(slice.bytes())) {
                device.queue().read(slice, staging);
                return staging.memory().asSlice(0, slice.bytes()).toArray(ValueLayout.JAVA_BYTE);
            }
        }
    }

    private RegionRun(Device device, Function<NodeOutput, Slice> slices) {
        this.device = device;
        this.slices = slices;
    }

    /** The launches of a plan, cut. */
    static RegionRun of(List<Region> order, List<PlanStep> steps, List<Launch> launches, Function<NodeOutput, Slice> slices,
            Device device) {
        RegionRun run = new RegionRun(device, slices);
        try {
            int first = 0;
            for (int i = 0; i < order.size(); i++) {
                int end = first + steps.get(i).launches().size();
                run.regions.add(run.new Cut(order.get(i), steps.get(i), device.record(launches.subList(first, end))));
                first = end;
            }
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    void run(RegionObserver observer) {
        for (Cut region : regions) {
            observer.before(region);
            device.queue().run(region.recording);
            observer.after(region);
        }
    }

    @Override
    public void close() {
        regions.forEach(region -> region.recording.close());
    }
}
