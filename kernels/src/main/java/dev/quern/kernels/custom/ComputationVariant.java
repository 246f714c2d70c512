package dev.quern.kernels.custom;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Role;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The host device's rung: the user's computation, on one thread. */
final class ComputationVariant implements Variant<CustomProblem> {
    private static final String ENTRY = "compute";

    @Override
    public String name() {
        return "computation";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "The computation in Java that says what the operation means. Runs wherever there is nothing else.";
    }

    @Override
    public Support supports(CustomProblem problem, DeviceInfo device) {
        return problem.computation().isPresent() ? Support.supported()
                : Support.no("it was read from a file, which holds its kernels and not its code in Java");
    }

    @Override
    public double preference(CustomProblem problem, DeviceInfo device) {
        return 0.1;
    }

    @Override
    public KernelPlan plan(CustomProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        HostCode code = HostCode.of(CustomProblem.FAMILY + "/" + problem.name(), ENTRY, (arguments, _) -> run(problem, arguments));
        List<Reference> arguments = IntStream.range(0, problem.operands().size()).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch(problem.name(), code, ENTRY, Grid.ofTiles(1), arguments));
    }

    private static void run(CustomProblem problem, HostArguments arguments) {
        List<HostTensor> inputs = new ArrayList<>();
        List<HostTensor> outputs = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            Operand operand = problem.operands().get(i);
            if (operand.role() == Role.INPUT) {
                inputs.add(HostTensor.of(operand.dtype(), operand.shape(), arguments.memory(i)));
            } else {
                outputs.add(HostTensor.zeros(operand.dtype(), operand.shape()));
            }
        }
        problem.computation().orElseThrow().compute(inputs, outputs);
        for (int i = 0; i < outputs.size(); i++) {
            arguments.memory(inputs.size() + i).copyFrom(outputs.get(i).memory());
        }
    }
}
