package dev.quern.bench;

import dev.quern.examples.command.CommandProvider;

/** Brings {@code quern bench}, which the command's own module cannot see. */
public final class BenchCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new BenchCommand();
    }
}
