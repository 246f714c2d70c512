package dev.quern.runtime.opencl;

/** A driver object that its device releases if nobody did before. */
interface ClOwned {
    /** Releases the driver's objects without asking whether work still uses them; twice is once. */
    void release();
}
