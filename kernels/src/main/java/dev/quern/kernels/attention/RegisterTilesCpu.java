package dev.quern.kernels.attention;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.VectorWidth;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** What both passes' rungs of register tiles have in common: how a problem is cut up. */
final class RegisterTilesCpu {
    /** Longer rows would not leave the blocks of a work-item in the second-level cache, nor its arrays on a thread's stack. */
    private static final int LONGEST_ROW = 512;

    private static final int KEYS_OF_A_MASK_ITEM = 64;

    private RegisterTilesCpu() {
    }

    static List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), new Tunable("QV", List.of(4, 2, 1, 3), "vectors in a block of queries"),
                new Tunable("MR", List.of(4, 8), "rows of a tile of sums"),
                new Tunable("KB", List.of(96, 48), "keys of a block"));
    }

    static Support supports(AttentionGeometry geometry) {
        return Support.when(geometry.dtype() == DType.F32, "computes on F32 where it lies")
                .and(Support.when(Math.max(geometry.dim(), geometry.valueDim()) <= LONGEST_ROW,
                        "keeps rows of at most " + LONGEST_ROW + " on the stack"));
    }

    /** Few queries make a small block; sums, two factors' loads and a broadcast fit the registers in each. */
    static Parameters parameters(AttentionGeometry geometry, DeviceInfo device) {
        Parameters defaults = VectorWidth.defaults(tunables(), device);
        int width = defaults.value(VectorWidth.NAME);
        int vectors = Math.clamp(Math.ceilDiv(geometry.queries(), width), 1, width == 16 ? 4 : 2);
        vectors = vectors == 3 ? 4 : vectors;
        return defaults.with("QV", vectors).with("MR", width == 16 && vectors < 3 ? 8 : 4);
    }

    static Support accepts(Parameters parameters) {
        int rows = parameters.value("MR");
        return Support.when(queriesOfBlock(parameters) % rows == 0, "a tile's rows must divide the block of queries")
                .and(Support.when(rows * parameters.value("QV") <= (parameters.value(VectorWidth.NAME) == 16 ? 24 : 12),
                        "a tile's sums must fit the registers"));
    }

    static Map<String, Integer> defines(Parameters parameters) {
        return Map.of("W", parameters.value(VectorWidth.NAME), "QV", parameters.value("QV"), "MR", parameters.value("MR"), "KB",
                parameters.value("KB"));
    }

    /** The macros of attention_tiles.h, and loads and stores of the end of a row of values. */
    static String front(AttentionGeometry geometry, Parameters parameters) {
        int width = parameters.value(VectorWidth.NAME);
        return tail("VALUE", width, geometry.valueDim()) + CpuVectors.names() + AttentionText.file("attention_tiles.h");
    }

    static String tail(String name, int width, int length) {
        return VectorTail.define(width, length % width).replace("define TAIL_", "define " + name + "_TAIL_");
    }

    static int queriesOfBlock(Parameters parameters) {
        return parameters.value(VectorWidth.NAME) * parameters.value("QV");
    }

    /** The launch that turns the mask, once for all heads. */
    static PlannedLaunch turnMask(KernelText text, AttentionGeometry geometry, Reference mask, Parameters parameters) {
        int blocks = Math.ceilDiv(geometry.queries(), queriesOfBlock(parameters));
        return new PlannedLaunch("turn mask", text, "turn_mask",
                Grid.ofTiles(blocks, Math.ceilDiv(geometry.keys(), KEYS_OF_A_MASK_ITEM)),
                List.of(mask, Reference.workspace(0), Reference.number(geometry.queries()), Reference.number(geometry.keys())));
    }

    /** The bytes of the workspace that holds the turned mask. */
    static long turnedMaskBytes(AttentionGeometry geometry, Parameters parameters) {
        int block = queriesOfBlock(parameters);
        return (long) Math.ceilDiv(geometry.queries(), block) * block * geometry.keys() * Float.BYTES;
    }
}
