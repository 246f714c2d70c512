package dev.quern.kernels.testing;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Runs every variant of a family on every problem of a list and holds it against the reference:
 *
 * <pre>{@code
 * KernelCheck.of(new GemmFamily()).problems(odd, large).epilogues().run(TestDevices.shared(id));
 * }</pre>
 *
 * <p>Inputs are random from a fixed seed. The error is measured in root mean squares ({@link Comparison}); fences around every
 * buffer must stay whole, inputs unchanged, workspaces and outputs are poisoned beforehand, and two runs must give the same
 * bits. Every variant whose dialect the device runs must have run on at least one problem, else the list is too narrow.
 *
 * <p>{@link #drawn} adds problems drawn at random ({@link FuzzSettings} says how many): on each of them every variant in Java
 * runs, and of the others one, in turns, since each is a program to compile. A failure is printed with what runs it again, and
 * with the simplest problem found that fails too. Tests of such problems alone carry the tag {@code fuzz}:
 *
 * <pre>{@code
 * KernelCheck.of(new GemmFamily()).epilogues()
 *         .drawn(from -> GemmProblem.of(from.form().extent(80), from.form().extent(80), from.form().extent(80), from.form().yes(),
 *                 from.form().yes()).batched(from.between(1, 3), true, true))
 *         .run(TestDevices.shared(id));
 * }</pre>
 */
public final class KernelCheck<P extends Problem> {
    private static final int SHOWN_FAILURES = 12;

    /** Fills the inputs of problems. */
    @FunctionalInterface
    public interface Inputs<P extends Problem> {
        /** Fills one input. */
        void fill(P problem, Operand operand, HostTensor tensor, Random random);
    }

    private final KernelFamily<P> family;
    private final List<P> problems = new ArrayList<>();
    private Inputs<P> inputs = (problem, operand, tensor, random) -> gaussian(tensor, random);
    private ToDoubleFunction<P> tolerance = problem -> 1e-5;
    private boolean epilogues;
    private boolean prologues;
    private Elements<P> elements = Elements.dense();
    private List<String> only = List.of();
    private boolean tunables;
    private boolean complete = true;
    private long seed = 20;
    private Function<Choices, P> generator;

    private KernelCheck(KernelFamily<P> family) {
        this.family = family;
    }

    /** A check of a family. */
    public static <P extends Problem> KernelCheck<P> of(KernelFamily<P> family) {
        return new KernelCheck<>(family);
    }

    /** Adds problems. */
    public KernelCheck<P> problems(List<P> more) {
        problems.addAll(more);
        return this;
    }

    /** Adds problems. */
    @SafeVarargs
    public final KernelCheck<P> problems(P... more) {
        return problems(List.of(more));
    }

    /**
     * Adds problems drawn at random, in place of a list. A generator draws from the {@linkplain Choices#form form} what programs
     * are compiled for, and the rest from the choices themselves; what problems refuse is drawn again. At least one variant must
     * run on every problem, unless the check is {@link #partial}.
     */
    public KernelCheck<P> drawn(Function<Choices, P> problem) {
        generator = problem;
        return this;
    }

    /** Replaces the inputs, which are normally distributed otherwise (integers: 0 or 1). */
    public KernelCheck<P> inputs(Inputs<P> filler) {
        inputs = filler;
        return this;
    }

    /**
     * Replaces the tolerance, which is 1e-5 of the expected root mean square otherwise. An output that is stored in fewer bits
     * is allowed what its type rounds away ({@link dev.quern.kernels.StorageText#tolerance}).
     */
    public KernelCheck<P> tolerance(ToDoubleFunction<P> ofProblem) {
        tolerance = ofProblem;
        return this;
    }

    /** Tries epilogues too: every problem with one of them, taking turns. */
    public KernelCheck<P> epilogues() {
        epilogues = true;
        return this;
    }

    /** Tries prologues too: every problem with one for an input and, in turns, an epilogue beside it. */
    public KernelCheck<P> prologues() {
        prologues = true;
        return this;
    }

    /** The same where operands may have gaps. */
    public KernelCheck<P> prologues(Elements<P> ofOperands) {
        elements = ofOperands;
        return prologues();
    }

    /** Tries every value of every tunable too, one at a time. */
    public KernelCheck<P> tunables() {
        tunables = true;
        return this;
    }

    /** Allows problems that some variant does not run on, for lists drawn at random. */
    public KernelCheck<P> partial() {
        complete = false;
        return this;
    }

    /** Checks these variants alone, for problems that are about them. */
    public KernelCheck<P> only(String... names) {
        only = List.of(names);
        return this;
    }

    /** Replaces the seed. */
    public KernelCheck<P> seed(long value) {
        seed = value;
        return this;
    }

    /** Normally distributed numbers; integers are 0 or 1. */
    public static void gaussian(HostTensor tensor, Random random) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
            tensor.set(i, tensor.dtype().floating() ? random.nextGaussian() : random.nextInt(2));
        }
    }

    /**
     * Runs the check.
     *
     * @return how often each variant ran
     * @throws AssertionError naming variant, problem, device, first bad element, expected and actual value of each failure
     */
    public Map<String, Integer> run(Device device) {
        List<String> failures = new ArrayList<>();
        Map<String, Integer> runs = new TreeMap<>();
        variants().stream().filter(variant -> device.info().runs(variant.dialect()))
                .forEach(variant -> runs.put(variant.name(), 0));
        int turn = 0;
        for (P problem : problems) {
            check(problem, Prologues.none(), Epilogue.none(), device, runs, failures);
            Optional<Shape> output = outputShape(problem);
            List<Epilogue> all = output.map(SampleEpilogues::of).orElse(List.of(Epilogue.none()));
            if (epilogues && output.isPresent()) {
                check(problem, Prologues.none(), all.get(turn++ % all.size()), device, runs, failures);
            }
            if (prologues) {
                for (int input = 0; input < problem.operands().size(); input++) {
                    Operand operand = problem.operands().get(input);
                    if (operand.role() == Role.INPUT && operand.dtype() == DType.F32) {
                        List<Epilogue> samples = SampleEpilogues.of(elements.shape(problem, input));
                        Epilogue sample = samples.get(turn % samples.size());
                        Prologues some = Prologues.none().with(input, new Prologue(sample.operands(), sample.expression()));
                        check(problem, some, turn % 2 == 0 ? Epilogue.none() : all.get(turn % all.size()), device, runs, failures);
                        turn++;
                    }
                }
            }
        }
        if (generator != null) {
            new DrawnCheck<>(this, new DrawnProblems<>(generator, epilogues, prologues ? elements : null), device, complete).run(runs, failures);
        } else if (complete) {
            runs.forEach((variant, count) -> {
                if (count == 0) {
                    failures.add(family.name() + "/" + variant + " on " + device.info().id()
                            + " ran on none of the problems: the list is too narrow, or the variant supports nothing");
                }
            });
        }
        if (!failures.isEmpty()) {
            int more = failures.size() - SHOWN_FAILURES;
            throw new AssertionError(String.join("\n", failures.subList(0, Math.min(SHOWN_FAILURES, failures.size())))
                    + (more > 0 ? "\nand " + more + " more" : ""));
        }
        return runs;
    }

    private List<Variant<P>> variants() {
        return family.variants().stream().filter(variant -> only.isEmpty() || only.contains(variant.name())).toList();
    }

    /** The shape of the output that an epilogue rides on; windows have gaps, which epilogues do not count. */
    static Optional<Shape> outputShape(Problem problem) {
        return problem.operands().stream().filter(operand -> operand.role() == Role.OUTPUT && operand.dtype() == DType.F32)
                .findFirst().map(Operand::shape);
    }

    private void check(P problem, Prologues before, Epilogue epilogue, Device device, Map<String, Integer> runs, List<String> failures) {
        KernelCase<P> prepared = null;
        for (Variant<P> variant : supporting(problem, before, epilogue, device)) {
            if (prepared == null) {
                prepared = prepare(problem, before, epilogue, seed);
            }
            for (Parameters parameters : parameters(variant, problem, device)) {
                prepared.wrong(variant, parameters, device).forEach(failures::add);
                runs.merge(variant.name(), 1, Integer::sum);
            }
        }
    }

    KernelFamily<P> family() {
        return family;
    }

    KernelCase<P> prepare(P problem, Prologues before, Epilogue epilogue, long dataSeed) {
        return new KernelCase<>(family, problem, before, epilogue, elements, inputs, tolerance.applyAsDouble(problem), dataSeed);
    }

    /** The variants that run this on this device. */
    List<Variant<P>> supporting(P problem, Prologues before, Epilogue epilogue, Device device) {
        return variants().stream().filter(variant -> device.info().runs(variant.dialect())
                && supported(variant, problem, before, epilogue, device).yes()).toList();
    }

    private Support supported(Variant<P> variant, P problem, Prologues before, Epilogue epilogue, Device device) {
        Support support = variant.supports(problem, device.info());
        for (var each : before.byOperand().entrySet()) {
            support = support.yes() ? variant.takes(each.getValue(), each.getKey(), problem) : support;
        }
        return support.yes() && !epilogue.isEmpty() ? variant.takes(epilogue, problem) : support;
    }

    private List<Parameters> parameters(Variant<P> variant, P problem, Device device) {
        Parameters usual = variant.parameters(problem, device.info());
        List<Parameters> all = new ArrayList<>(List.of(usual));
        if (tunables) {
            for (Tunable tunable : variant.tunables()) {
                tunable.values().stream().map(value -> usual.with(tunable.name(), value)).filter(other -> !all.contains(other)
                        && variant.accepts(other, problem, device.info()).yes()).forEach(all::add);
            }
        }
        return all;
    }
}
