package dev.quern.kernels.select;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Variants that a user insists on, by node name or by family name; a node's pin goes before its family's. A pin that
 * cannot be honoured is an error, never ignored.
 *
 * @param variants variant names by node or family name
 */
public record Pins(Map<String, String> variants) {
    private static final Pins NONE = new Pins(Map.of());

    public Pins {
        variants = Map.copyOf(variants);
    }

    /** No pins. */
    public static Pins none() {
        return NONE;
    }

    /** These pins and one more, for example {@code with("gemm", "tiled")}. */
    public Pins with(String nodeOrFamily, String variant) {
        Map<String, String> more = new LinkedHashMap<>(variants);
        more.put(nodeOrFamily, variant);
        return new Pins(more);
    }

    /** The pinned variant for a node of a family. */
    public Optional<String> find(String node, String family) {
        String pinned = variants.get(node);
        return Optional.ofNullable(pinned != null ? pinned : variants.get(family));
    }
}
