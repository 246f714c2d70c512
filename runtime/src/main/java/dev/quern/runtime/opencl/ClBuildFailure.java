package dev.quern.runtime.opencl;

import org.jocl.CLException;

/** A driver's compiler refused a source; its log says why. */
final class ClBuildFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String log;

    ClBuildFailure(String log, CLException cause) {
        super(cause);
        this.log = log;
    }

    String log() {
        return log;
    }
}
