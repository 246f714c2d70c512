package dev.quern.examples.command;

import java.util.List;

/**
 * Adds subcommands to {@code quern}, through {@link java.util.ServiceLoader}. This is how modules that the command
 * cannot see, such as the benchmarks, bring their own.
 */
public interface CommandProvider {
    /** Objects annotated as picocli commands with their names. */
    List<Object> commands();
}
