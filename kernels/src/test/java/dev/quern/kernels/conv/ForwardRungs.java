package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The forward family with some of its rungs, for tests that need not wait for the others to compile. */
record ForwardRungs(Conv2dForwardFamily whole, Predicate<String> wanted) implements KernelFamily<Conv2dForwardProblem> {
    static ForwardRungs only(Set<String> names) {
        return new ForwardRungs(new Conv2dForwardFamily(), names::contains);
    }

    static ForwardRungs without(String... names) {
        return new ForwardRungs(new Conv2dForwardFamily(), name -> !Set.of(names).contains(name));
    }

    @Override
    public String name() {
        return whole.name();
    }

    @Override
    public Class<Conv2dForwardProblem> problemType() {
        return whole.problemType();
    }

    @Override
    public KernelReference<Conv2dForwardProblem> reference() {
        return whole.reference();
    }

    @Override
    public List<Variant<Conv2dForwardProblem>> variants() {
        return whole.variants().stream().filter(variant -> wanted.test(variant.name())).toList();
    }
}
