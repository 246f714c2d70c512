package dev.quern.kernels.copy;

import dev.quern.kernels.KernelReference;
import dev.quern.kernels.copy.CopyProblem.Region;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Fills the output, then moves one element after the other, byte for byte. */
final class CopyReference implements KernelReference<CopyProblem> {
    @Override
    public void compute(CopyProblem problem, List<HostTensor> operands) {
        HostTensor y = operands.getLast();
        int size = y.dtype().bytes();
        long[] dense = problem.output().strides();
        for (long i = 0; i < problem.output().elements(); i++) {
            y.set(i, problem.fill());
        }
        for (Region region : problem.regions()) {
            HostTensor x = operands.get(region.input());
            for (long element = 0; element < region.extents().elements(); element++) {
                long from = region.offset();
                long to = 0;
                long rest = element;
                for (int axis = dense.length - 1; axis >= 0; axis--) {
                    long i = rest % region.extents().extent(axis);
                    rest /= region.extents().extent(axis);
                    from += i * region.strides().get(axis);
                    to += (region.starts().get(axis) + i * region.steps().get(axis)) * dense[axis];
                }
                MemorySegment.copy(x.memory(), from * size, y.memory(), to * size, size);
            }
        }
    }
}
