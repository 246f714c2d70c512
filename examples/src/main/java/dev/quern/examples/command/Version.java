package dev.quern.examples.command;

import picocli.CommandLine.IVersionProvider;

/** What {@code quern --version} says. */
final class Version implements IVersionProvider {
    /** This build's version, as the poms have it; classes that are in no jar know it too. */
    static final String NUMBER = "0.1.0-SNAPSHOT";

    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"quern " + (version == null ? "(unpackaged)" : version)
                + ", Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")};
    }
}
