package dev.quern.graph.ir;

import java.lang.StackWalker.StackFrame;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A line of the user's program.
 *
 * @param text the file and the line, for example {@code LeNet.java:31}
 */
public record SourceLine(String text) {
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final SourceLine UNKNOWN = new SourceLine("unknown source");

    /** The first caller outside the graph and layers modules. */
    public static SourceLine ofCaller() {
        return WALKER.walk(SourceLine::first).map(frame -> new SourceLine(frame.getFileName() + ":" + frame.getLineNumber()))
                .orElse(UNKNOWN);
    }

    private static Optional<StackFrame> first(Stream<StackFrame> frames) {
        return frames.filter(frame -> !isInternal(frame.getClassName())).findFirst();
    }

    private static boolean isInternal(String className) {
        return className.startsWith("dev.quern.graph.") || className.startsWith("dev.quern.layers.")
                || className.startsWith("java.");
    }

    @Override
    public String toString() {
        return text;
    }
}
