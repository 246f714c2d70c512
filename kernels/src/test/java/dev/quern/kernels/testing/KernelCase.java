package dev.quern.kernels.testing;

import dev.quern.kernels.KernelBinding;
import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.testing.KernelCheck.Inputs;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Shape;
import dev.quern.runtime.Slice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** One problem with one epilogue: its inputs, and what the reference makes of them. Runs variants against that. */
final class KernelCase<P extends Problem> {
    private static final int[] POISONS = {0x7fcbad01, 0x7fd5eed7};

    private final KernelFamily<P> family;
    private final P problem;
    private final Epilogue epilogue;
    private final double tolerance;
    private final Prologues prologues;
    /** Inputs as given, outputs as expected. */
    private final List<HostTensor> tensors = new ArrayList<>();
    /** What windows hold before, by the operand's position. */
    private final Map<Integer, HostTensor> windows = new TreeMap<>();
    /** The operands of the epilogue, then those of the prologues. */
    private final List<HostTensor> riders = new ArrayList<>();
    /** What the epilogue keeps, as expected. */
    private final List<HostTensor> kept = new ArrayList<>();

    KernelCase(KernelFamily<P> family, P problem, Prologues prologues, Epilogue epilogue, Elements<P> elements, Inputs<P> inputs,
            double tolerance, long seed) {
        this.family = family;
        this.problem = problem;
        this.prologues = prologues;
        this.epilogue = epilogue;
        this.tolerance = tolerance;
        Random random = new Random(seed);
        for (Operand operand : problem.operands()) {
            HostTensor tensor = HostTensor.zeros(operand.dtype(), operand.shape());
            if (operand.role() != Role.OUTPUT) {
                inputs.fill(problem, operand, tensor, random);
            }
            if (operand.role() == Role.WINDOW) {
                windows.put(tensors.size(), copy(tensor));
            }
            tensors.add(tensor);
        }
        addRiders(epilogue.operands(), random);
        List<HostTensor> operands = new ArrayList<>(tensors);
        prologues.byOperand().forEach((operand, prologue) -> {
            List<HostTensor> own = addRiders(prologue.operands(), random);
            HostTensor stored = copy(tensors.get(operand));
            HostTensor loaded = HostTensor.zeros(stored.dtype(), elements.shape(problem, operand));
            for (long i = 0; i < loaded.shape().elements(); i++) {
                loaded.set(i, stored.get(elements.at(problem, operand, i)));
            }
            SampleEpilogues.apply(new Epilogue(prologue.operands(), prologue.expression()), loaded, own);
            for (long i = 0; i < loaded.shape().elements(); i++) {
                stored.set(elements.at(problem, operand, i), loaded.get(i));
            }
            operands.set(operand, stored);
        });
        family.reference().compute(problem, operands);
        if (!epilogue.isEmpty()) {
            kept.addAll(SampleEpilogues.apply(epilogue, tensors.get(output()), riders.subList(0, epilogue.operands().size())));
        }
    }

    private List<HostTensor> addRiders(List<EpilogueOperand> operands, Random random) {
        List<HostTensor> added = new ArrayList<>();
        for (EpilogueOperand operand : operands) {
            HostTensor tensor = HostTensor.zeros(operand.dtype(), Shape.of((int) operand.extent()));
            KernelCheck.gaussian(tensor, random);
            added.add(tensor);
        }
        riders.addAll(added);
        return added;
    }

    private static HostTensor copy(HostTensor tensor) {
        HostTensor copy = HostTensor.zeros(tensor.dtype(), tensor.shape());
        MemorySegment.copy(tensor.memory(), 0, copy.memory(), 0, tensor.memory().byteSize());
        return copy;
    }

    /** The position of the first output: the one that an epilogue rides on. */
    private int output() {
        for (int i = 0; i < problem.operands().size(); i++) {
            if (problem.operands().get(i).role() == Role.OUTPUT) {
                return i;
            }
        }
        throw new IllegalStateException(problem.key() + " has no output");
    }

    /** The position among all tensors of the first that the epilogue keeps. */
    private int firstKept() {
        return problem.operands().size() + riders.size();
    }

    /** What is wrong with a variant's results, each with where it is; empty if nothing is. */
    List<String> wrong(Variant<P> variant, Parameters parameters, Device device) {
        String where = family.name() + "/" + variant.name() + (parameters.values().isEmpty() ? "" : " " + parameters) + " on "
                + device.info().id() + ", " + text(problem, prologues, epilogue) + ": ";
        try {
            CudaSources.keep(family.name() + "/" + variant.name(), variant.plan(problem, device.info(), parameters, epilogue));
            return run(variant, parameters, device).stream().map(wrong -> where + wrong).toList();
        } catch (RuntimeException e) {
            return List.of(where + e);
        }
    }

    /** A problem and what rides on it. */
    static String text(Problem problem, Prologues prologues, Epilogue epilogue) {
        return problem.key() + (prologues.isEmpty() ? "" : ", prologues " + prologues)
                + (epilogue.isEmpty() ? "" : ", epilogue " + epilogue);
    }

    private List<String> run(Variant<P> variant, Parameters parameters, Device device) {
        KernelPlan plan = variant.plan(problem, device.info(), parameters, prologues, epilogue);
        if (!plan.equals(variant.plan(problem, device.info(), parameters, prologues, epilogue)) && textual(plan)) {
            return List.of("two plans for equal arguments differ");
        }
        Optional<Sanitizer> sanitizer = Sanitizer.of(device);
        List<Fences> buffers = new ArrayList<>();
        try {
            List<Slice> operands = new ArrayList<>();
            for (Operand operand : problem.operands()) {
                operands.add(add(buffers, device, operand.name(), operand.bytes(), sanitizer.isPresent()));
            }
            List<Slice> epilogues = new ArrayList<>(add(buffers, device, epilogue.operands(), sanitizer.isPresent()));
            Map<Integer, List<Slice>> ofPrologues = new TreeMap<>();
            prologues.byOperand().forEach((operand, prologue) -> ofPrologues.put(operand,
                    add(buffers, device, prologue.operands(), sanitizer.isPresent())));
            for (HostTensor tensor : kept) {
                epilogues.add(add(buffers, device, "kept by the epilogue", tensor.memory().byteSize(), sanitizer.isPresent()));
            }
            List<Slice> workspaces = new ArrayList<>();
            for (long bytes : plan.workspaces()) {
                workspaces.add(add(buffers, device, "workspace " + workspaces.size(), bytes, sanitizer.isPresent()));
            }
            List<String> wrong = new ArrayList<>();
            KernelBinding binding = new KernelBinding(operands, epilogues, workspaces, ofPrologues);
            try (Recording recording = device.record(binding.launches(problem.key(), plan, device))) {
                List<HostTensor> first = runOnce(device, recording, buffers, POISONS[0], wrong);
                // What a sanitizer finds, it finds in the first run.
                List<HostTensor> second = sanitizer.isPresent() ? first
                        : runOnce(device, recording, buffers, POISONS[1], new ArrayList<>());
                compare(first, second, wrong);
            }
            sanitizer.map(Sanitizer::news).filter(news -> !news.isEmpty()).ifPresent(wrong::add);
            return wrong;
        } finally {
            buffers.forEach(Fences::close);
        }
    }

    /** Whether plans can be compared: code written in Java has no text to compare. */
    private static boolean textual(KernelPlan plan) {
        return plan.launches().stream().noneMatch(launch -> launch.source() instanceof dev.quern.runtime.HostCode);
    }

    private static List<Slice> add(List<Fences> buffers, Device device, List<EpilogueOperand> operands, boolean exact) {
        return operands.stream().map(operand -> add(buffers, device, operand.name(), operand.extent() * operand.dtype().bytes(),
                exact)).toList();
    }

    private static Slice add(List<Fences> buffers, Device device, String name, long bytes, boolean exact) {
        Fences buffer = new Fences(device, name, buffers.size(), bytes, exact);
        buffers.add(buffer);
        return buffer.slice();
    }

    private List<HostTensor> runOnce(Device device, Recording recording, List<Fences> buffers, int poison,
            List<String> wrong) {
        List<Operand> operands = problem.operands();
        for (int i = 0; i < buffers.size(); i++) {
            int k = i - operands.size();
            if (k < 0 && operands.get(i).role() != Role.OUTPUT) {
                buffers.get(i).fill(windows.getOrDefault(i, tensors.get(i)));
            } else if (k >= 0 && k < riders.size()) {
                buffers.get(i).fill(riders.get(k));
            } else {
                buffers.get(i).poison(poison);
            }
        }
        device.queue().run(recording);
        device.queue().finish();
        List<HostTensor> results = new ArrayList<>();
        for (int i = 0; i < buffers.size(); i++) {
            HostTensor shape = i < operands.size() ? tensors.get(i)
                    : i < operands.size() + riders.size() ? riders.get(i - operands.size())
                            : i < firstKept() + kept.size() ? kept.get(i - firstKept()) : HostTensor.of(Shape.of(0));
            HostTensor result = HostTensor.zeros(shape.dtype(), shape.shape());
            buffers.get(i).read(result).ifPresent(wrong::add);
            results.add(result);
        }
        return results;
    }

    private void compare(List<HostTensor> first, List<HostTensor> second, List<String> wrong) {
        List<Operand> operands = problem.operands();
        for (int i = 0; i < operands.size(); i++) {
            Operand operand = operands.get(i);
            if (operand.role() == Role.INPUT) {
                changed(operand.name(), tensors.get(i), first.get(i), wrong);
                continue;
            }
            Comparison.difference(tensors.get(i), first.get(i), Math.max(tolerance, StorageText.tolerance(operand.dtype())))
                    .ifPresent(text -> wrong.add(operand.name() + ": " + text));
            long mismatch = first.get(i).memory().mismatch(second.get(i).memory());
            if (mismatch >= 0) {
                long element = mismatch / operand.dtype().bytes();
                wrong.add(operand.name() + ": two runs differ at element " + element + ": " + first.get(i).get(element) + " and "
                        + second.get(i).get(element) + " (before each run it held another value)");
            }
        }
        for (int k = 0; k < kept.size(); k++) {
            String name = "kept " + k + " of the epilogue: ";
            HostTensor result = first.get(firstKept() + k);
            Comparison.difference(kept.get(k), result, Math.max(tolerance, StorageText.tolerance(operands.get(output()).dtype())))
                    .ifPresent(text -> wrong.add(name + text));
            if (result.memory().mismatch(second.get(firstKept() + k).memory()) >= 0) {
                wrong.add(name + "two runs differ");
            }
        }
        for (int k = 0; k < riders.size(); k++) {
            changed("of the epilogue or a prologue", riders.get(k), first.get(operands.size() + k), wrong);
        }
    }

    private static void changed(String name, HostTensor before, HostTensor after, List<String> wrong) {
        long mismatch = MemorySegment.mismatch(before.memory(), 0, before.memory().byteSize(), after.memory(), 0,
                after.memory().byteSize());
        if (mismatch >= 0) {
            wrong.add("input " + name + " was changed at element " + mismatch / before.dtype().bytes());
        }
    }
}
