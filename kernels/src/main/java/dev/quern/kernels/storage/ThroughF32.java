package dev.quern.kernels.storage;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Role;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.List;
import java.util.Optional;

/**
 * A rung around one that knows F32 alone: operands that are stored in F16 or BF16 are converted into workspaces before it, and
 * results from workspaces behind it. That pays where a pass multiplies far more than it moves, and gives every algorithm every
 * storage type. On F32 it is the rung that it was made of.
 *
 * @param <P> the family's problem
 */
public final class ThroughF32<P extends StoredProblem<P>> implements Variant<P> {
    private final Variant<P> inner;

    private ThroughF32(Variant<P> inner) {
        this.inner = inner;
    }

    /** These rungs, each with conversions around it. */
    public static <P extends StoredProblem<P>> List<Variant<P>> around(List<? extends Variant<P>> rungs) {
        return rungs.stream().<Variant<P>>map(ThroughF32::new).toList();
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public Dialect dialect() {
        return inner.dialect();
    }

    @Override
    public String summary() {
        return inner.summary();
    }

    @Override
    public List<Tunable> tunables() {
        return inner.tunables();
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Support support = inner.supports(problem.inF32(), device);
        List<Operand> operands = problem.operands();
        for (Operand operand : operands) {
            if (operand.dtype().floating()) {
                support = support.and(StorageText.supports(operand.name(), operand.dtype()));
            }
        }
        return support;
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        Optional<Operand> narrow = problem.operands().stream()
                .filter(operand -> operand.role() == Role.OUTPUT && operand.dtype() != DType.F32).findFirst();
        return narrow.map(operand -> Support.no("stores " + operand.name() + " in " + operand.dtype()
                + ", which is rounded behind the kernel; epilogues ride on F32")).orElse(Support.supported())
                .and(inner.takes(epilogue, problem.inF32()));
    }

    @Override
    public Support takes(Prologue prologue, int operand, P problem) {
        Operand read = problem.operands().get(operand);
        return Support.when(read.dtype() == DType.F32, read.name() + " is " + read.dtype() + "; prologues ride on F32")
                .and(inner.takes(prologue, operand, problem.inF32()));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return inner.preference(problem.inF32(), device);
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return inner.parameters(problem.inF32(), device);
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return inner.accepts(parameters, problem.inF32(), device);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        P computed = problem.inF32();
        KernelPlan plan = inner.plan(computed, device, parameters, prologues, epilogue);
        if (computed.equals(problem)) {
            return plan;
        }
        Conversions conversions = new Conversions(plan, device);
        List<Operand> operands = problem.operands();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).dtype() != computed.operands().get(i).dtype()) {
                conversions.convert(i, operands.get(i));
            }
        }
        return conversions.plan();
    }
}
