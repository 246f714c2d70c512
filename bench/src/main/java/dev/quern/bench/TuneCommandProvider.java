package dev.quern.bench;

import dev.quern.examples.command.CommandProvider;

/** Brings {@code quern tune}. */
public final class TuneCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new TuneCommand();
    }
}
