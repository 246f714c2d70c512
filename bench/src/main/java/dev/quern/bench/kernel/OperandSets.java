package dev.quern.bench.kernel;

import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A problem's operands on a device, several times over: runs take the sets in turn, so that none finds its operands in a
 * cache. Inputs are the same in every set.
 */
final class OperandSets implements AutoCloseable {
    /** Enough for operands of 36 KiB to pass through three times a cache of 48 MiB. */
    private static final int MOST_SETS = 4096;

    private final Device device;
    private final Problem problem;
    private final List<HostTensor> inputs = new ArrayList<>();
    private final List<Memory> memories = new ArrayList<>();
    private final List<List<Slice>> sets = new ArrayList<>();

    /**
     * Makes the sets.
     *
     * @param operands the problem's, inputs filled
     */
    OperandSets(Device device, Problem problem, int count, List<HostTensor> operands) {
        this.device = device;
        this.problem = problem;
        inputs.addAll(operands);
        try {
            allocate(count);
            for (int i = 0; i < inputs.size(); i++) {
                if (problem.operands().get(i).role() == Role.INPUT) {
                    writeToAll(i);
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** How many sets make a round trip through three times the last-level cache, within a quarter of the device's memory. */
    static int countFor(Device device, Problem problem, long cacheBytes) {
        long bytes = problem.operands().stream().mapToLong(Operand::bytes).sum();
        long wanted = Math.ceilDiv(3 * cacheBytes, bytes);
        long possible = Math.max(1, device.info().globalMemory() / 4 / bytes);
        return (int) Math.min(Math.min(wanted, possible), MOST_SETS);
    }

    /** Lays the sets one after the other into as few memories as the device allows. */
    private void allocate(int count) {
        long alignment = device.info().baseAlignment();
        long setBytes = problem.operands().stream().mapToLong(operand -> aligned(operand.bytes(), alignment)).sum();
        int setsInMemory = (int) Math.clamp(device.info().maxAllocation() / setBytes, 1, count);
        while (sets.size() < count) {
            int here = Math.min(setsInMemory, count - sets.size());
            Memory memory = device.allocate(here * setBytes, "bench operands");
            memories.add(memory);
            long offset = 0;
            for (int i = 0; i < here; i++) {
                List<Slice> set = new ArrayList<>();
                for (Operand operand : problem.operands()) {
                    set.add(memory.slice(offset, operand.bytes()));
                    offset += aligned(operand.bytes(), alignment);
                }
                sets.add(set);
            }
        }
    }

    private static long aligned(long bytes, long alignment) {
        return Math.ceilDiv(bytes, alignment) * alignment;
    }

    private void writeToAll(int operand) {
        HostTensor tensor = inputs.get(operand);
        long bytes = problem.operands().get(operand).bytes();
        try (Staging staging = device.staging(bytes)) {
            MemorySegment.copy(tensor.memory(), 0, staging.memory(), 0, bytes);
            sets.forEach(set -> device.queue().write(staging, set.get(operand)));
            staging.await();
        }
    }

    int count() {
        return sets.size();
    }

    /** The slices of one set, in the operands' order. */
    List<Slice> set(int index) {
        return sets.get(index);
    }

    /** Fills the outputs of the first set with bytes that are NaN as floats, so that what is not written shows. */
    void poisonOutputs() {
        forEachOutput((index, slice) -> device.queue().fill(slice, (byte) 0xff));
    }

    /** The operands of the first set: inputs as they were made, outputs as they are on the device now. */
    List<HostTensor> read() {
        List<HostTensor> operands = new ArrayList<>(inputs);
        forEachOutput((index, slice) -> {
            Operand operand = problem.operands().get(index);
            try (Staging staging = device.staging(slice.bytes())) {
                device.queue().read(slice, staging);
                operands.set(index, HostTensor.of(operand.dtype(), operand.shape(),
                        staging.memory().asSlice(0, slice.bytes())));
            }
        });
        return operands;
    }

    @FunctionalInterface
    private interface OutputAction {
        void accept(int index, Slice slice);
    }

    private void forEachOutput(OutputAction action) {
        for (int i = 0; i < problem.operands().size(); i++) {
            if (problem.operands().get(i).role() != Role.INPUT) {
                action.accept(i, sets.getFirst().get(i));
            }
        }
    }

    @Override
    public void close() {
        memories.forEach(Memory::close);
    }
}
