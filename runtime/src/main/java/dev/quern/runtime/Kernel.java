package dev.quern.runtime;

/** One entry point of a compiled {@link Program}. Valid as long as its program is open. */
public interface Kernel {
    /** The entry's name in the source. */
    String name();

    /** The program that it belongs to. */
    Program program();

    /** What the kernel takes of the device when it runs in groups of {@code groupSize} work-items. */
    KernelResources resources(int groupSize);
}
