package dev.quern.kernels.attention;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What the texts of attention have in common: their files, definitions and arguments. */
final class AttentionText {
    private AttentionText() {
    }

    /** The program {@code <family>_<rung>.cl} with the shared files in front. */
    static KernelText of(String family, String rung, Dialect dialect, AttentionGeometry geometry, String front,
            Map<String, ?> defines) {
        String text = StorageText.define("X", geometry.dtype()) + file("attention_masks.h") + front + file(family.replace('-', '_') + "_" + rung + ".cl");
        Map<String, Object> all = new TreeMap<>(defines);
        all.put("D", geometry.dim());
        all.put("DV", geometry.valueDim());
        all.put("CAUSAL", geometry.causal() ? 1 : 0);
        all.put("LENGTHS", geometry.keyLengths() ? 1 : 0);
        all.put("MASK", geometry.mask() ? 1 : 0);
        return KernelText.of(family + "/" + rung, dialect, text).with(all);
    }

    static String file(String name) {
        return KernelResource.text(AttentionText.class, name);
    }

    /** References to the operands from one position to before another, then more. */
    static List<Reference> arguments(int from, int to, Reference... more) {
        List<Reference> all = new ArrayList<>(IntStream.range(from, to).mapToObj(Reference::operand).toList());
        all.addAll(List.of(more));
        return all;
    }

    /** The geometry's sizes in the order in which kernels take them: heads, queries, keys. */
    static List<Reference> sizes(AttentionGeometry geometry) {
        return List.of(Reference.number(geometry.heads()), Reference.number(geometry.queries()), Reference.number(geometry.keys()));
    }
}
