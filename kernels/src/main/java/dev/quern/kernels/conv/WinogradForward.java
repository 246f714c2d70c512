package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The forward rungs for 3x3 filters with stride 1, for OpenCL on CPUs: Winograd's F(2x2, 3x3) and F(4x4, 3x3). */
final class WinogradForward implements Variant<Conv2dForwardProblem> {
    private final int tile;

    /** A rung that computes tiles of so many outputs along each axis: 2 or 4. */
    WinogradForward(int tile) {
        this.tile = tile;
    }

    @Override
    public String name() {
        return "winograd_f" + tile + "x" + tile + "_3x3";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Transforms pixels and weights so that " + (tile + 2) * (tile + 2) + " products give " + tile * tile
                + " outputs, instead of " + 9 * tile * tile + ". A work-item keeps the transformed pixels and the products of "
                + "its tiles in the second-level cache, so that memory sees no more than images and weights.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        return DirectCpu.onlyCpu(device).and(WinogradTiles.supports(problem.geometry(), tile, device));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.outputShape().elements(), (long) g.p() * g.q()));
    }

    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        return WinogradTiles.of(problem.geometry(), tile, device).efficiency(device);
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        WinogradTiles tiles = WinogradTiles.of(g, tile, device);
        List<PlannedLaunch> launches = new ArrayList<>();
        List<Long> workspaces = new ArrayList<>(List.of(tiles.filterBytes()));
        Map<String, Integer> defines = tiles.defines();
        launches.add(new PlannedLaunch("transform filter",
                KernelText.of("conv2d-forward/winograd filter", Dialect.OPENCL,
                        DirectCpu.texts("conv2d_vectors.h", "conv2d_winograd_transforms.h", "conv2d_winograd_filter.cl"))
                        .with(Map.of("TILE", tile, "LANES", tiles.lanes())),
                "conv2d_winograd_filter", Grid.ofTiles(Math.ceilDiv(g.c(), 16), (long) tiles.blocks() * tiles.lanes() / 16),
                List.of(Reference.operand(1), Reference.workspace(0), Reference.number(g.k()), Reference.number(g.c()))));
        Reference pixels = Reference.operand(0);
        if (!tiles.fused()) {
            pixels = Reference.workspace(1);
            workspaces.add(tiles.pixelBytes());
            List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(0), pixels));
            IntStream.of(g.n(), g.c(), g.h(), g.w(), g.padTop(), g.padLeft(), tiles.rowsOfImage(), tiles.tilesOfRow(), tiles.pitch())
                    .mapToObj(Reference::number).forEach(arguments::add);
            launches.add(new PlannedLaunch("transform pixels",
                    KernelText.of("conv2d-forward/winograd input", Dialect.OPENCL,
                            DirectCpu.texts("conv2d_vectors.h", "conv2d_channel_lanes.h", "conv2d_winograd_transforms.h",
                                    "conv2d_winograd_pixels.h", "conv2d_winograd_input.cl"))
                            .with(Map.of("TILE", tile, "LINE_PIXELS", defines.get("LINE_PIXELS"))),
                    "conv2d_winograd_input", Grid.ofTiles((long) g.n() * tiles.rowsOfImage(), Math.ceilDiv(g.c(), 16)), arguments));
        }
        KernelText text = KernelText.of("conv2d-forward/" + name(), Dialect.OPENCL,
                EpilogueText.render(epilogue, g.outputShape().elements(), (long) g.p() * g.q(), 16)
                        + DirectCpu.texts("conv2d_vectors.h", "conv2d_finish.h", "conv2d_channel_lanes.h",
                        "conv2d_winograd_transforms.h", "conv2d_winograd_pixels.h", "conv2d_winograd.cl")).with(defines);
        List<Reference> arguments = new ArrayList<>(List.of(pixels, Reference.workspace(0), Reference.operand(2)));
        IntStream.of(tiles.arguments()).mapToObj(Reference::number).forEach(arguments::add);
        launches.add(new PlannedLaunch("multiply", text, "conv2d_winograd",
                Grid.ofTiles(tiles.ranges(), Math.ceilDiv(tiles.blocks(), tiles.part())),
                Reference.withEpilogue(arguments, epilogue)));
        return new KernelPlan(launches, workspaces);
    }
}
