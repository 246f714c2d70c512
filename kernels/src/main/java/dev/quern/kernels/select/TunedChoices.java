package dev.quern.kernels.select;

import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.tune.SourceHash;
import dev.quern.kernels.tune.Tuning;
import dev.quern.kernels.tune.TuningEntry;
import dev.quern.runtime.DeviceInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up tuning results and drops those that no longer hold: of kernels, parameters or limits that have changed since. */
final class TunedChoices {
    private static final Logger LOG = LoggerFactory.getLogger(TunedChoices.class);

    private final Tuning tuning;
    private final DeviceInfo device;
    private final Map<String, Optional<Tuned<?>>> found = new HashMap<>();

    /** A result that holds. */
    record Tuned<P extends Problem>(Variant<P> variant, Parameters parameters, String reason) {
    }

    TunedChoices(Tuning tuning, DeviceInfo device) {
        this.tuning = tuning;
        this.device = device;
    }

    /** The first result for the problem that holds. Looked up once a problem. */
    @SuppressWarnings("unchecked") // a key names its family, and so the type of its problems
    <P extends Problem> Optional<Tuned<P>> of(P problem, List<Variant<P>> variants) {
        if (tuning.databases().isEmpty()) {
            return Optional.empty();
        }
        return (Optional<Tuned<P>>) (Optional<?>) found.computeIfAbsent(problem.key(), _ -> first(problem, variants));
    }

    private <P extends Problem> Optional<Tuned<?>> first(P problem, List<Variant<P>> variants) {
        for (Tuning.Hit hit : tuning.find(problem.key())) {
            TuningEntry entry = hit.entry();
            Optional<Variant<P>> variant = variants.stream().filter(one -> one.name().equals(entry.variant())).findFirst();
            Support holds = variant.map(one -> holds(one, entry, problem)).orElse(Support.no("no such variant"));
            if (holds.yes()) {
                return Optional.of(new Tuned<>(variant.get(), entry.parameters(),
                        String.format(Locale.ROOT, "tuned %.4g ms (%s)", entry.medianMillis(), hit.origin())));
            }
            LOG.debug("{}: the tuning result {} ({}) does not count: {}", problem.key(), entry.variant(), hit.origin(),
                    holds.reason());
        }
        return Optional.empty();
    }

    private <P extends Problem> Support holds(Variant<P> variant, TuningEntry entry, P problem) {
        if (!device.runs(variant.dialect())) {
            return Support.no("the device does not run it");
        }
        for (Tunable tunable : variant.tunables()) {
            Integer value = entry.parameters().values().get(tunable.name());
            if (value == null || !tunable.values().contains(value)) {
                return Support.no(tunable.name() + " = " + value + " is not among " + tunable.values());
            }
        }
        if (entry.parameters().values().size() != variant.tunables().size()) {
            return Support.no("its tunables have changed");
        }
        Support support = variant.supports(problem, device).and(variant.accepts(entry.parameters(), problem, device));
        if (!support.yes()) {
            return support;
        }
        String source = SourceHash.of(variant.plan(problem, device, entry.parameters(), Epilogue.none()));
        return Support.when(source.equals(entry.source()), "its kernels have changed");
    }
}
