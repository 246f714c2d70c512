package dev.quern.kernels.gather;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Variant;
import dev.quern.runtime.HostTensor;
import java.util.Arrays;
import java.util.List;

/** Sums by index. */
public final class ScatterAddFamily implements KernelFamily<ScatterAddProblem> {
    @Override
    public String name() {
        return ScatterAddProblem.FAMILY;
    }

    @Override
    public Class<ScatterAddProblem> problemType() {
        return ScatterAddProblem.class;
    }

    @Override
    public KernelReference<ScatterAddProblem> reference() {
        return ScatterAddFamily::compute;
    }

    /** Goes through x once and adds each element to its place, in double. */
    private static void compute(ScatterAddProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(0);
        HostTensor index = operands.get(1);
        HostTensor y = operands.get(2);
        double[] sums = new double[(int) y.shape().elements()];
        for (long e = 0; e < x.shape().elements(); e++) {
            int i = (int) (e % problem.inner());
            long j = e / problem.inner() % problem.count();
            int o = (int) (e / problem.inner() / problem.count());
            int at = (int) index.get(problem.perElement() ? e : j);
            if (at >= 0 && at < problem.length()) {
                sums[(o * problem.length() + at) * problem.inner() + i] += at == problem.ignored() ? 0 : x.get(e);
            } else if (!problem.perElement()) {
                Arrays.fill(sums, Double.NaN);
            } else {
                for (int l = 0; l < problem.length(); l++) {
                    sums[(o * problem.length() + l) * problem.inner() + i] = Double.NaN;
                }
            }
        }
        for (int e = 0; e < sums.length; e++) {
            y.set(e, sums[e]);
        }
    }

    @Override
    public List<Variant<ScatterAddProblem>> variants() {
        return List.of(new HostScatterAdd(), new OutputOwnerScatterAdd(), new ColumnOwnerScatterAdd(), new OwnersCpuScatterAdd(),
                new GroupedCpuScatterAdd());
    }
}
