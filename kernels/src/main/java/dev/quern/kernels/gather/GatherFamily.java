package dev.quern.kernels.gather;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Rows and elements by index. */
public final class GatherFamily implements KernelFamily<GatherProblem> {
    @Override
    public String name() {
        return GatherProblem.FAMILY;
    }

    @Override
    public Class<GatherProblem> problemType() {
        return GatherProblem.class;
    }

    @Override
    public KernelReference<GatherProblem> reference() {
        return GatherFamily::compute;
    }

    /** Element by element, byte for byte. */
    private static void compute(GatherProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(GatherProblem.X);
        HostTensor y = operands.get(GatherProblem.Y);
        int size = y.dtype().bytes();
        for (long e = 0; e < y.shape().elements(); e++) {
            long i = e % problem.inner();
            long j = e / problem.inner() % problem.count();
            long o = e / problem.inner() / problem.count();
            long at = (long) operands.get(GatherProblem.INDEX).get(problem.perElement() ? e : j);
            if (at >= 0 && at < problem.length()) {
                MemorySegment.copy(x.memory(), ((o * problem.length() + at) * problem.inner() + i) * size, y.memory(), e * size, size);
            } else {
                y.set(e, problem.dtype().floating() ? Double.NaN : Long.MIN_VALUE);
            }
        }
    }

    @Override
    public List<Variant<GatherProblem>> variants() {
        return List.of(new HostGather(), new ElementGather(), new RowsCpuGather(), new RowBlocksCpuGather());
    }
}
