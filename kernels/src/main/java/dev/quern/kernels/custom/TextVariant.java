package dev.quern.kernels.custom;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.Argument;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The user's kernel of one dialect, as it is. */
final class TextVariant implements Variant<CustomProblem> {
    private final String name;
    private final Dialect dialect;
    private final double preference;

    TextVariant(String name, Dialect dialect, double preference) {
        this.name = name;
        this.dialect = dialect;
        this.preference = preference;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public String summary() {
        return "The kernel that its author wrote in the " + dialect.name().toLowerCase(Locale.ROOT) + " dialect.";
    }

    @Override
    public Support supports(CustomProblem problem, DeviceInfo device) {
        if (problem.kernel(dialect).isEmpty()) {
            return Support.no("it has no " + dialect.name().toLowerCase(Locale.ROOT) + " kernel");
        }
        long group = problem.kernel(dialect).get().grid().local();
        return Support.when(group <= device.maxGroupSize(), "its groups of " + group + " work-items are larger than the device's "
                + device.maxGroupSize());
    }

    @Override
    public double preference(CustomProblem problem, DeviceInfo device) {
        return preference;
    }

    @Override
    public KernelPlan plan(CustomProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        CustomKernel kernel = problem.kernel(dialect).orElseThrow();
        List<Reference> arguments = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            arguments.add(Reference.operand(i));
        }
        for (Argument number : kernel.numbers()) {
            arguments.add(new Reference.OfNumber(number));
        }
        return KernelPlan.of(new PlannedLaunch(problem.name(), kernel.text(), kernel.entry(), kernel.grid(), arguments));
    }
}
