package dev.quern.kernels.scan;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Running sums, products and extremes. */
public final class ScanFamily implements KernelFamily<ScanProblem> {
    @Override
    public String name() {
        return ScanProblem.FAMILY;
    }

    @Override
    public Class<ScanProblem> problemType() {
        return ScanProblem.class;
    }

    @Override
    public KernelReference<ScanProblem> reference() {
        return ScanFamily::compute;
    }

    /** Line by line, in double. */
    private static void compute(ScanProblem problem, List<HostTensor> operands) {
        for (long line = 0; line < problem.lines(); line++) {
            long first = line / problem.inner() * problem.length() * problem.inner() + line % problem.inner();
            double total = problem.op().neutral();
            for (int k = 0; k < problem.length(); k++) {
                long at = first + (long) (problem.reverse() ? problem.length() - 1 - k : k) * problem.inner();
                double before = total;
                total = problem.op().combine(total, operands.getFirst().get(at));
                operands.getLast().set(at, problem.exclusive() ? before : total);
            }
        }
    }

    @Override
    public List<Variant<ScanProblem>> variants() {
        return List.of(new HostScan(), new LinePerItemScan(), new BlockedScan(), new VectorCpuScan(), new ChainedCpuScan());
    }
}
