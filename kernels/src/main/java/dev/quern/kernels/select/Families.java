package dev.quern.kernels.select;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VariantProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Every kernel family that can be found, with the variants that others add. */
public final class Families {
    private final Map<String, Entry<?>> entries = new TreeMap<>();

    private record Entry<P extends Problem>(KernelFamily<P> family, List<Variant<P>> variants) {
    }

    private Families() {
    }

    /** Looks up families and added variants through {@link ServiceLoader}. */
    public static Families load() {
        Families families = new Families();
        for (KernelFamily<?> family : ServiceLoader.load(KernelFamily.class, Families.class.getClassLoader())) {
            families.add(family);
        }
        for (VariantProvider provider : ServiceLoader.load(VariantProvider.class, Families.class.getClassLoader())) {
            families.extend(provider);
        }
        return families;
    }

    private <P extends Problem> void add(KernelFamily<P> family) {
        Entry<P> entry = new Entry<>(family, new ArrayList<>());
        if (entries.put(family.name(), entry) != null) {
            throw new IllegalStateException("two kernel families are named " + family.name());
        }
        family.variants().forEach(variant -> append(entry, variant));
    }

    @SuppressWarnings("unchecked") // a provider promises that its variants take the family's problems
    private <P extends Problem> void extend(VariantProvider provider) {
        Entry<P> entry = (Entry<P>) entries.get(provider.family());
        if (entry == null) {
            throw new IllegalStateException(provider.getClass().getName() + " extends the kernel family "
                    + provider.family() + ", which does not exist; there are " + entries.keySet());
        }
        provider.variants().forEach(variant -> append(entry, (Variant<P>) variant));
    }

    private static <P extends Problem> void append(Entry<P> entry, Variant<P> variant) {
        if (entry.variants.stream().anyMatch(present -> present.name().equals(variant.name()))) {
            throw new IllegalStateException("two variants of " + entry.family.name() + " are named " + variant.name());
        }
        entry.variants.add(variant);
    }

    /** Every family, by name. */
    public Collection<KernelFamily<?>> all() {
        List<KernelFamily<?>> all = new ArrayList<>();
        entries.values().forEach(entry -> all.add(entry.family));
        return all;
    }

    /** The family of a problem. */
    @SuppressWarnings("unchecked") // checked against the family's problem type
    public <P extends Problem> KernelFamily<P> familyOf(P problem) {
        Entry<?> entry = require(problem.family());
        if (!entry.family.problemType().isInstance(problem)) {
            throw new IllegalArgumentException(problem.getClass().getName() + " is no problem of family " + problem.family());
        }
        return (KernelFamily<P>) entry.family;
    }

    /** The variants that solve a problem's kind, lowest rung first, added ones last. */
    @SuppressWarnings("unchecked") // familyOf checks the type
    public <P extends Problem> List<Variant<P>> variantsFor(P problem) {
        familyOf(problem);
        return List.copyOf((List<Variant<P>>) (List<?>) require(problem.family()).variants);
    }

    private Entry<?> require(String name) {
        Entry<?> entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no kernel family is named " + name + "; there are " + entries.keySet());
        }
        return entry;
    }
}
