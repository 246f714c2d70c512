package dev.quern.kernels.nvcc;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.relu;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.custom.CustomProblem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cuda.CudaSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The texts of every variant that CUDA runs: for each typical problem, value of a tunable, prologue and epilogue. */
final class CudaKernels {
    private static final int LONGEST = 160;

    private final Families families = Families.load();
    /** Variants with a text, to find those without. */
    private final Set<String> seen = new HashSet<>();
    private final Set<String> plain = new HashSet<>();

    /** The texts for an architecture, each once, with what it is called in reports. */
    Map<String, KernelText> texts(CudaTarget target) {
        Map<String, String> labels = new LinkedHashMap<>();
        Map<String, KernelText> texts = new LinkedHashMap<>();
        plain.clear();
        for (Problem problem : TypicalProblems.all()) {
            texts(problem, target.device(), (label, plan) -> {
                for (PlannedLaunch launch : plan.launches()) {
                    KernelText text = (KernelText) launch.source();
                    String name = text.name() + " | " + shortened(label);
                    if (labels.putIfAbsent(CudaSource.of(text), name) == null) {
                        texts.put(name, text);
                    }
                }
            });
        }
        return texts;
    }

    private static String shortened(String label) {
        return label.length() <= LONGEST ? label
                : label.substring(0, LONGEST - 12) + "… " + Integer.toHexString(label.hashCode());
    }

    /** Variants that CUDA could run and no typical problem reached; the texts of custom ones are their users'. */
    Set<String> missed() {
        Set<String> missed = new TreeSet<>();
        families.all().stream().filter(family -> !family.name().equals(CustomProblem.FAMILY)).forEach(family -> family.variants().forEach(variant -> {
            if (compiles(variant) && !seen.contains(family.name() + "/" + variant.name())) {
                missed.add(family.name() + "/" + variant.name());
            }
        }));
        return missed;
    }

    private static boolean compiles(Variant<?> variant) {
        return variant.dialect() == Dialect.CUDA || variant.dialect() == Dialect.PORTABLE;
    }

    /** Receives a plan and what tells it from the others of its variant. */
    @FunctionalInterface
    private interface Sink {
        void accept(String label, KernelPlan plan);
    }

    private <P extends Problem> void texts(P problem, DeviceInfo device, Sink sink) {
        for (Variant<P> variant : families.variantsFor(problem)) {
            if (!compiles(variant) || !variant.supports(problem, device).yes()) {
                continue;
            }
            String name = problem.family() + "/" + variant.name();
            boolean first = plain.add(name);
            seen.add(name);
            Parameters usual = variant.parameters(problem, device);
            Consumer<Parameters> each = parameters -> sink.accept(problem.key() + " " + parameters,
                    variant.plan(problem, device, parameters, Epilogue.none()));
            each.accept(usual);
            if (!first) {
                continue;
            }
            // What rides on a variant and what is tuned is tried on the first problem that it solves.
            for (Tunable tunable : variant.tunables()) {
                tunable.values().stream().map(value -> usual.with(tunable.name(), value)).filter(other -> !other.equals(usual)
                        && variant.accepts(other, problem, device).yes()).forEach(each);
            }
            epilogue(problem).filter(epilogue -> variant.takes(epilogue, problem).yes()).ifPresent(epilogue -> sink.accept(
                    problem.key() + " " + usual + " with an epilogue", variant.plan(problem, device, usual, epilogue)));
            prologues(problem).filter(prologues -> prologues.byOperand().entrySet().stream()
                    .allMatch(entry -> variant.takes(entry.getValue(), entry.getKey(), problem).yes()))
                    .ifPresent(prologues -> sink.accept(problem.key() + " " + usual + " with prologues",
                            variant.plan(problem, device, usual, prologues, Epilogue.none())));
        }
    }

    /** A bias along the last extent, a residual and relu. */
    private static Optional<Epilogue> epilogue(Problem problem) {
        return problem.operands().stream().filter(operand -> operand.role() == Role.OUTPUT && operand.shape().rank() > 0)
                .findFirst().map(CudaKernels::biasAndResidual);
    }

    private static Epilogue biasAndResidual(Operand output) {
        long last = output.shape().extent(-1);
        return new Epilogue(List.of(new EpilogueOperand("bias", DType.F32, last, 1),
                new EpilogueOperand("residual", DType.F32, output.shape().elements(), 1)),
                relu(add(add(input(0), input(1)), input(2))));
    }

    private static Optional<Prologues> prologues(Problem problem) {
        int operands = switch (problem) {
            case GemmProblem gemm -> 2;
            case ReduceProblem reduction -> reduction.members();
            case BatchNormBackwardProblem gradient -> 1;
            default -> 0;
        };
        if (operands == 0) {
            return Optional.empty();
        }
        Prologues prologues = Prologues.none();
        for (int operand = 0; operand < operands; operand++) {
            long last = problem.operands().get(operand).shape().extent(-1);
            prologues = prologues.with(operand, new Prologue(List.of(new EpilogueOperand("bias", DType.F32, last, 1)),
                    relu(add(input(0), input(1)))));
        }
        return Optional.of(prologues);
    }
}
