package dev.quern.kernels.select;

import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.tune.Tuning;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses a variant: a pin, else what tuning found quickest, else the heuristic; each only if the variant supports the problem
 * on the device. A tuning result counts only for the very kernels that were measured.
 */
public final class Selector {
    private final Families families;
    private final DeviceInfo device;
    private final Pins pins;
    private final TunedChoices tuned;

    /** A selector without tuning results. */
    public Selector(Families families, DeviceInfo device, Pins pins) {
        this(families, device, pins, Tuning.none());
    }

    public Selector(Families families, DeviceInfo device, Pins pins, Tuning tuning) {
        this.families = families;
        this.device = device;
        this.pins = pins;
        this.tuned = new TunedChoices(tuning, device);
    }

    /** The families that it chooses from. */
    public Families families() {
        return families;
    }

    /** The device that it chooses for. */
    public DeviceInfo device() {
        return device;
    }

    /** Whether this variant solves the problem with this epilogue on the device. */
    public <P extends Problem> Support supports(Variant<P> variant, P problem, Epilogue epilogue) {
        if (!device.runs(variant.dialect())) {
            return Support.no(device.id() + " runs no " + variant.dialect().name().toLowerCase(Locale.ROOT) + " kernels");
        }
        Support support = variant.supports(problem, device);
        return support.yes() && !epilogue.isEmpty() ? variant.takes(epilogue, problem) : support;
    }

    /** Whether this variant solves the problem with these prologues and this epilogue on the device. */
    public <P extends Problem> Support supports(Variant<P> variant, P problem, Prologues prologues, Epilogue epilogue) {
        Support support = supports(variant, problem, epilogue);
        for (Map.Entry<Integer, Prologue> prologue : prologues.byOperand().entrySet()) {
            support = support.yes() ? variant.takes(prologue.getValue(), prologue.getKey(), problem) : support;
        }
        return support;
    }

    /** Whether there is a tuning result for a problem that holds. */
    public <P extends Problem> boolean isTuned(P problem) {
        return tuned.of(problem, families.variantsFor(problem)).isPresent();
    }

    /**
     * Chooses a variant.
     *
     * @param node     the name under which it can be pinned, besides its family's
     * @param problem  the problem
     * @param epilogue what must ride on it; may be empty
     * @throws QuernException if a pin names no such variant or one that does not support the problem, or if no variant
     *                        supports it
     */
    public <P extends Problem> Choice<P> choose(String node, P problem, Epilogue epilogue) {
        return choose(node, problem, Prologues.none(), epilogue);
    }

    /** The same where expressions must be applied to operands as they are loaded besides. */
    public <P extends Problem> Choice<P> choose(String node, P problem, Prologues prologues, Epilogue epilogue) {
        List<Variant<P>> variants = families.variantsFor(problem);
        Optional<String> pinned = pins.find(node, problem.family());
        List<Variant<P>> supported = new ArrayList<>();
        List<Choice.Refusal> refused = new ArrayList<>();
        for (Variant<P> variant : variants) {
            Support support = supports(variant, problem, prologues, epilogue);
            if (support.yes()) {
                supported.add(variant);
            } else {
                refused.add(new Choice.Refusal(variant.name(), support.reason()));
            }
        }
        // A stable sort: of equal opinions the lower rung wins.
        supported.sort(Comparator.comparingDouble((Variant<P> variant) -> -variant.preference(problem, device)));
        Optional<TunedChoices.Tuned<P>> best = tuned.of(problem, variants);
        Variant<P> chosen;
        String reason;
        if (pinned.isPresent()) {
            chosen = supported.stream().filter(variant -> variant.name().equals(pinned.get())).findFirst()
                    .orElseThrow(() -> new QuernException(node + ": variant " + pinned.get() + " is pinned but "
                            + whyNot(pinned.get(), variants, refused) + " (" + problem.key() + ")"));
            reason = "pinned";
        } else {
            if (supported.isEmpty()) {
                throw new QuernException(node + ": no variant of " + problem.family() + " supports " + problem.key()
                        + " on " + device.id() + ": " + refused);
            }
            Optional<TunedChoices.Tuned<P>> usable = best.filter(choice -> supported.contains(choice.variant()));
            chosen = usable.map(TunedChoices.Tuned::variant).orElse(supported.getFirst());
            reason = usable.map(TunedChoices.Tuned::reason)
                    .orElseGet(() -> String.format(Locale.ROOT, "heuristic %.2f", supported.getFirst().preference(problem, device)));
        }
        List<Choice.Refusal> others = new ArrayList<>();
        for (Variant<P> variant : supported) {
            if (variant != chosen) {
                others.add(new Choice.Refusal(variant.name(),
                        String.format(Locale.ROOT, "heuristic %.2f", variant.preference(problem, device))));
            }
        }
        others.addAll(refused);
        Parameters parameters = best.filter(choice -> choice.variant() == chosen).map(TunedChoices.Tuned::parameters)
                .orElseGet(() -> chosen.parameters(problem, device));
        return new Choice<>(chosen, parameters, reason, others);
    }

    private static <P extends Problem> String whyNot(String name, List<Variant<P>> variants, List<Choice.Refusal> refused) {
        for (Choice.Refusal refusal : refused) {
            if (refusal.variant().equals(name)) {
                return "does not run: " + refusal.reason();
            }
        }
        return "does not exist; there are " + variants.stream().map(Variant::name).toList();
    }
}
