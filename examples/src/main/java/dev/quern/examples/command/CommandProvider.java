package dev.quern.examples.command;

/**
 * Adds a subcommand to {@code quern}, through {@link java.util.ServiceLoader}. This is how modules that the command
 * cannot see, such as the benchmarks, bring their own.
 */
public interface CommandProvider {
    /** An object annotated as a picocli command with its name. */
    Object command();
}
