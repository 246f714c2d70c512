package dev.quern.runtime;

import java.util.List;
import java.util.Optional;

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

    /**
     * What the driver made of it, in the driver's own format: for reading, not for running. Drivers may compile as late as at a
     * kernel's first launch, so ask after that. Empty where there is nothing to see, as for Java code.
     */
    Optional<byte[]> binary();

    /**
     * Every form of the program that there is to see, the source as the compiler got it first. May compile. As for {@link #binary()},
     * ask after the first launch. Of Java code only what was generated.
     */
    List<ProgramFile> files();
}
