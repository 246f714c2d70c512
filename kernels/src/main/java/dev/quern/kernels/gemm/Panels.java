package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Operands copied into panels for a micro kernel, as {@code gemm_pack_cpu.cl} does it.
 *
 * @param problem the problem
 * @param micro   the micro tile
 * @param depth   steps along k of one block
 * @param panelA  rows of op(a) in a panel
 * @param panelB  columns of op(b) in a panel
 */
record Panels(GemmProblem problem, MicroTile micro, int depth, int panelA, int panelB) {
    /** Elements that one work-item packs, about: some microseconds of work. */
    private static final int ITEM_ELEMENTS = 32 * 1024;

    int panelsA() {
        return Math.ceilDiv(problem.m(), panelA);
    }

    int panelsB() {
        return Math.ceilDiv(problem.n(), panelB);
    }

    int blocks() {
        return Math.ceilDiv(problem.k(), depth);
    }

    long bytesA() {
        return (long) problem.productsOfA() * panelsA() * panelA * problem.k() * Float.BYTES;
    }

    long bytesB() {
        return (long) problem.productsOfB() * panelsB() * panelB * problem.k() * Float.BYTES;
    }

    /** The definitions that {@code gemm_pack_cpu.cl} and {@code gemm_micro_cpu.cl} need, and these. */
    Map<String, Object> defines(Map<String, Integer> more) {
        Map<String, Object> defines = new TreeMap<>(Map.of("W", micro.width(), "MR", micro.lines(), "NV", micro.vectors(), "KC", depth,
                "PANEL_A", panelA, "PANEL_B", panelB));
        defines.putAll(more);
        return defines;
    }

    /** The vector widths that those files use. */
    int[] widths() {
        return micro.width() == 4 ? new int[] {4} : new int[] {4, micro.width()};
    }

    /** A launch that packs a, b or both; a preparation if it packs one and that seldom changes. It sets the count to zero. */
    PlannedLaunch pack(String role, KernelText text, Prologues prologues, Reference packedA, Reference packedB, Reference count,
            boolean a, boolean b) {
        int perItemA = perItem(panelA, panelsA());
        int perItemB = perItem(panelB, panelsB());
        int itemsA = a ? Math.ceilDiv(panelsA(), perItemA) : 0;
        int itemsB = b ? Math.ceilDiv(panelsB(), perItemB) : 0;
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(packedA, packedB, count, Reference.number(itemsB), Reference.number(perItemB),
                Reference.number(perItemA)));
        arguments.addAll(Reference.ofPrologues(prologues));
        PlannedLaunch launch = new PlannedLaunch(role, text, "pack", Grid.ofTiles(itemsA + itemsB, blocks(), problem.batch()),
                arguments);
        if (a && !b && problem.a().constant() && prologues.of(GemmProblem.A).isEmpty()) {
            return launch.preparedFrom(GemmProblem.A);
        }
        if (b && !a && problem.b().constant() && prologues.of(GemmProblem.B).isEmpty()) {
            return launch.preparedFrom(GemmProblem.B);
        }
        return launch;
    }

    private int perItem(int panel, int panels) {
        int most = Math.max(1, ITEM_ELEMENTS / (panel * Math.min(depth, problem.k())));
        return Math.min(most, panels);
    }
}
