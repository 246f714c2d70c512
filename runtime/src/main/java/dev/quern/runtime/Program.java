package dev.quern.runtime;

/** A compiled {@link ProgramSource}. A device keeps its programs; asking it for an equal source gives the same one. */
public interface Program {
    /** The source it was compiled from. */
    ProgramSource source();

    /** The device it was compiled for. */
    Device device();

    /**
     * An entry point.
     *
     * @throws IllegalArgumentException if the source has no such entry; the message lists those it has
     */
    Kernel kernel(String entry);
}
