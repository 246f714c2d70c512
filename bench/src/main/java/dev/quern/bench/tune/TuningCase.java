package dev.quern.bench.tune;

import dev.quern.bench.suite.BenchCase;
import dev.quern.kernels.tune.TuningDatabase;
import dev.quern.kernels.tune.TuningEntry;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.ProgramSource;
import java.util.List;

/** A case whose kernels can be tuned. */
public interface TuningCase extends BenchCase {
    /** The name of its problem's family. */
    String family();

    /** Whether a database has an entry for its problem that still holds on a device. */
    boolean isSettled(TuningDatabase database, DeviceInfo device);

    /** The programs that a variant runs with the parameters that it has without tuning. */
    List<ProgramSource> sources(DeviceInfo device, String variant);

    /** Makes operands ready for trials. */
    Workbench workbench(Device device);

    /** A case made ready: what may be tried, and what tries it. Owns device memory. */
    interface Workbench extends AutoCloseable {
        /** What may be tried. */
        Space space();

        /** What would be chosen without tuning. */
        Candidate usual();

        /** Tries candidates. */
        Probe probe();

        /** An outcome as a database keeps it. */
        TuningEntry entry(Search.Outcome outcome);

        @Override
        void close();
    }
}
