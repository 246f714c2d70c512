package dev.quern.kernels.tune;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cache.ProgramCache;
import java.util.ArrayList;
import java.util.List;

/** A short hash of what a plan runs: texts, definitions, grids. Kernels written in Java count by their names. */
public final class SourceHash {
    private static final int DIGITS = 16;

    private SourceHash() {
    }

    /** 16 hexadecimal digits. */
    public static String of(KernelPlan plan) {
        List<String> parts = new ArrayList<>();
        for (PlannedLaunch launch : plan.launches()) {
            parts.add(launch.entry());
            parts.add(launch.grid().toString());
            switch (launch.source()) {
                case KernelText text -> {
                    parts.add(text.text());
                    parts.add(text.defines().toString());
                }
                case HostCode code -> parts.add(code.name());
            }
        }
        return ProgramCache.key(parts).substring(0, DIGITS);
    }
}
