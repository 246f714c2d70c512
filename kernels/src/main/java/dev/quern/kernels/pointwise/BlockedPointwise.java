package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.BlockExpression;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostExpression;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.List;

/** The host device's first rung: expressions interpreted over blocks that stay in the first-level cache. */
final class BlockedPointwise implements Variant<PointwiseProblem> {
    @Override
    public String name() {
        return "blocked";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Blocks of " + BlockExpression.BLOCK + " elements pass through one plain loop a function. A block stays in the "
                + "first-level cache between functions, and the JIT turns some of the loops into vector code.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return problem.supported();
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return HostPointwise.plan(problem, name(), part -> new HostExpression(part.inputs().size(), part.results()), List::of);
    }
}
