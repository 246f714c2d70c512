package dev.quern.bench;

import dev.quern.examples.command.CommandProvider;

/** Brings {@code quern profile}. */
public final class ProfileCommandProvider implements CommandProvider {
    @Override
    public Object command() {
        return new ProfileCommand();
    }
}
