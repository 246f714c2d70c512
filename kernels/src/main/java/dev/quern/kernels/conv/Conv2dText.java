package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the textual rungs share: a geometry as definitions, the epilogue in front of a file, arguments in order. */
final class Conv2dText {
    private Conv2dText() {
    }

    /** A kernel file with an epilogue in front. Parameters as in {@link EpilogueText#render}. */
    static KernelText load(String name, Dialect dialect, String file, Epilogue epilogue, long elements, long run,
            int... widths) {
        return KernelText.of(name, dialect,
                EpilogueText.render(epilogue, elements, run, widths) + KernelResource.text(Conv2dText.class, file));
    }

    /**
     * A kernel file with an epilogue in front and the geometry defined.
     *
     * @param elements elements of the output on which the epilogue rides
     * @param run      see {@link EpilogueText#render}
     * @param widths   the epilogue's vector widths besides the scalar form
     */
    static KernelText load(String name, Dialect dialect, String file, Conv2dGeometry geometry, Epilogue epilogue,
            long elements, long run, int... widths) {
        return load(name, dialect, file, epilogue, elements, run, widths).with(defines(geometry));
    }

    /** N C H W K R S P Q, strides, leading padding, dilation and groups by the names that every kernel file uses. */
    static Map<String, Integer> defines(Conv2dGeometry g) {
        Map<String, Integer> defines = new LinkedHashMap<>();
        defines.put("N", g.n());
        defines.put("C", g.c());
        defines.put("H", g.h());
        defines.put("W", g.w());
        defines.put("K", g.k());
        defines.put("R", g.r());
        defines.put("S", g.s());
        defines.put("P", g.p());
        defines.put("Q", g.q());
        defines.put("STRIDE_H", g.strideH());
        defines.put("STRIDE_W", g.strideW());
        defines.put("PAD_TOP", g.padTop());
        defines.put("PAD_LEFT", g.padLeft());
        defines.put("DILATION_H", g.dilationH());
        defines.put("DILATION_W", g.dilationW());
        defines.put("GROUPS", g.groups());
        return defines;
    }

    /** The geometry as arguments, in the order of {@link #defines}. */
    static List<Reference> numbers(Conv2dGeometry g) {
        return defines(g).values().stream().map(Reference::number).toList();
    }

    /** The problem's three operands. */
    static List<Reference> operandReferences() {
        return List.of(Reference.operand(0), Reference.operand(1), Reference.operand(2));
    }

    /** The problem's three operands, then the epilogue's. */
    static List<Reference> references(Epilogue epilogue) {
        List<Reference> references = new ArrayList<>(operandReferences());
        references.addAll(epilogueReferences(epilogue));
        return references;
    }

    /** The epilogue's operands. */
    static List<Reference> epilogueReferences(Epilogue epilogue) {
        List<Reference> references = new ArrayList<>();
        for (int i = 0; i < epilogue.arguments(); i++) {
            references.add(Reference.epilogue(i));
        }
        return references;
    }
}
