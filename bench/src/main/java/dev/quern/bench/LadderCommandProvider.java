package dev.quern.bench;

import dev.quern.examples.command.CommandProvider;

/** Brings {@code quern ladder}. */
public final class LadderCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new LadderCommand();
    }
}
