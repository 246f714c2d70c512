package dev.quern.graph.capsule;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.GraphRecord;
import dev.quern.graph.op.TensorType;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.QuernException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The text of a capsule's {@code capsule.json}. Everything else in the file is named here with its hash.
 *
 * @param capsule  the number of this format; counts up when a reader of an older one would be wrong
 * @param note     what step this is
 * @param options  how the graph was compiled
 * @param device   where it ran
 * @param plan     what it was compiled to
 * @param tensors  the tensors' entries
 * @param kernels  the kernel texts' entries
 * @param graph    the graph
 */
record Manifest(int capsule, String note, Options options, Where device, Compiled plan, List<TensorEntry> tensors,
        List<KernelEntry> kernels, GraphRecord graph) {
    static final int FORMAT = 2;
    static final String ENTRY = "capsule.json";

    /** A pin. */
    record Pin(String node, String variant) {
    }

    /** Compile options. */
    record Options(boolean fusion, List<String> apart, List<Pin> pins, boolean guarded, boolean checkFinite) {
        static Options of(CompileOptions options) {
            return new Options(options.fusion(), options.apart().stream().sorted().toList(), new TreeMap<>(options.pins().variants())
                    .entrySet().stream().map(pin -> new Pin(pin.getKey(), pin.getValue())).toList(), options.guarded(), options.checkFinite());
        }

        CompileOptions options() {
            Pins all = Pins.none();
            for (Pin pin : pins) {
                all = all.with(pin.node(), pin.variant());
            }
            return new CompileOptions(fusion, Set.copyOf(apart), all, guarded, checkFinite);
        }
    }

    /** A device. */
    record Where(String id, String name, String platform, String driver) {
    }

    /** A plan. */
    record Compiled(String hash, List<Capsule.MadeRegion> regions) {
    }

    /** A tensor: its folder, its name there, the zip's entry, and the SHA-256 of its bytes. */
    record TensorEntry(String folder, String name, TensorType type, String entry, String sha256) {
    }

    /** A definition of a kernel text. */
    record Define(String name, String value) {
    }

    /** A kernel text: its program's name, its definitions, the zip's entry, and the SHA-256 of its bytes. */
    record KernelEntry(String name, Dialect dialect, List<Define> defines, String entry, String sha256) {
        KernelText text(String text) {
            if (dialect == Dialect.JAVA) {
                throw new QuernException("kernel " + name + " is Java, which is no text");
            }
            TreeMap<String, String> all = new TreeMap<>();
            defines.forEach(define -> all.put(define.name(), define.value()));
            return new KernelText(name, dialect, text, all);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
