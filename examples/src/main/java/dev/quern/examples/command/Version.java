package dev.quern.examples.command;

import picocli.CommandLine.IVersionProvider;

/** What {@code quern --version} says. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"quern " + (version == null ? "(unpackaged)" : version)
                + ", Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")};
    }
}
