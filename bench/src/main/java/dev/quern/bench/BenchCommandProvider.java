package dev.quern.bench;

import dev.quern.examples.command.CommandProvider;
import java.util.List;

/** Brings the commands that measure, which the command's own module cannot see. */
public final class BenchCommandProvider implements CommandProvider {
    @Override
    public List<Object> commands() {
        return List.of(new BenchCommand(), new TuneCommand(), new LadderCommand(), new ProfileCommand(), new WhatIfCommand(),
                new BundleCommand());
    }
}
