package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/**
 * A filter [K, C/groups, R, S] in panels [group][block of lanes output channels][tap][lane].
 *
 * @param groups independent groups
 * @param groupK output channels of a group
 * @param taps   C/groups * R * S
 * @param lanes  output channels of a panel, a multiple of 16
 */
record PackedFilter(int groups, int groupK, int taps, int lanes) {
    /** As in the kernel. */
    private static final int TAPS_AT_ONCE = 256;

    static PackedFilter of(Conv2dGeometry g, int lanes) {
        return new PackedFilter(g.groups(), g.groupK(), g.taps(), lanes);
    }

    /** Panels of a group. */
    int blocks() {
        return Math.ceilDiv(groupK, lanes);
    }

    long bytes() {
        return 4L * groups * blocks() * taps * lanes;
    }

    PlannedLaunch launch(Reference filter, Reference packed) {
        String text = DirectCpu.texts("conv2d_vectors.h", "conv2d_pack_filter.cl");
        return new PlannedLaunch("pack filter", KernelText.of("conv2d/pack_filter", Dialect.OPENCL, text)
                .with(Map.of("LANES", lanes)), "conv2d_pack_filter",
                Grid.ofTiles(Math.ceilDiv(taps, TAPS_AT_ONCE), (long) groups * blocks()),
                List.of(filter, packed, Reference.number(groupK), Reference.number(blocks()), Reference.number(taps)));
    }
}
