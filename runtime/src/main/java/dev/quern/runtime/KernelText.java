package dev.quern.runtime;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Kernel source text with the macro definitions it is compiled with. Equal texts and definitions are the same program.
 *
 * @param name    a short stable name, for example {@code gemm/tiled}
 * @param dialect the language of the text; never {@link Dialect#JAVA}
 * @param text    the source without the prelude
 * @param defines preprocessor definitions, in the order of their names
 */
public record KernelText(String name, Dialect dialect, String text, SortedMap<String, String> defines)
        implements ProgramSource {
    public KernelText {
        if (dialect == Dialect.JAVA) {
            throw new IllegalArgumentException(name + ": Java kernels are HostCode, not text");
        }
        defines = Collections.unmodifiableSortedMap(new TreeMap<>(defines));
    }

    /** A text without definitions. */
    public static KernelText of(String name, Dialect dialect, String text) {
        return new KernelText(name, dialect, text, new TreeMap<>());
    }

    /** This text with definitions added; a name that is already defined is replaced. */
    public KernelText with(Map<String, ?> more) {
        SortedMap<String, String> all = new TreeMap<>(defines);
        more.forEach((key, value) -> all.put(key, String.valueOf(value)));
        return new KernelText(name, dialect, text, all);
    }

    /** This text behind what it needs. */
    public KernelText behind(String front) {
        return new KernelText(name, dialect, front + text, defines);
    }

    /** This text with more behind it. */
    public KernelText and(String rest) {
        return new KernelText(name, dialect, text + rest, defines);
    }
}
