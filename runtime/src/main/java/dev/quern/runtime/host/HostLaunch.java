package dev.quern.runtime.host;

import java.lang.foreign.MemorySegment;
import java.util.List;

import dev.quern.runtime.Argument;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostKernel;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Slice;

/** A launch with its arguments in arrays, one array a type, so that reading one neither allocates nor casts. */
final class HostLaunch implements HostArguments {
    private final String label;
    private final HostKernel body;
    private final long groups;
    private final List<Argument> arguments;
    private final MemorySegment[] memories;
    private final long[] numbers;
    private final float[] floats;
    private final Class<?>[] types;

    private HostLaunch(Launch launch, HostKernel body) {
        this.label = launch.label();
        this.body = body;
        this.groups = launch.grid().groups();
        this.arguments = launch.arguments();
        int count = arguments.size();
        this.memories = new MemorySegment[count];
        this.numbers = new long[count];
        this.floats = new float[count];
        this.types = new Class<?>[count];
    }

    static HostLaunch bind(Launch launch) {
        if (!(launch.kernel() instanceof HostProgram.Entry kernel)) {
            throw new IllegalArgumentException("\"" + launch.label() + "\": kernel " + launch.kernel().name()
                    + " is not a kernel of the host device");
        }
        HostLaunch bound = new HostLaunch(launch, kernel.body());
        for (int index = 0; index < bound.types.length; index++) {
            bound.set(index, bound.arguments.get(index));
        }
        return bound;
    }

    private void set(int index, Argument argument) {
        switch (argument) {
            case Argument.I32(int value) -> {
                numbers[index] = value;
                types[index] = Argument.I32.class;
            }
            case Argument.I64(long value) -> {
                numbers[index] = value;
                types[index] = Argument.I64.class;
            }
            case Argument.F32(float value) -> {
                floats[index] = value;
                types[index] = Argument.F32.class;
            }
            case Slice slice -> {
                memories[index] = ((HostSlice) slice).segment();
                types[index] = Slice.class;
            }
        }
    }

    String label() {
        return label;
    }

    long groups() {
        return groups;
    }

    void runGroup(long group) {
        body.run(this, group);
    }

    /** @throws IllegalStateException if a memory of this launch is closed */
    void requireMemoryOpen() {
        for (int index = 0; index < memories.length; index++) {
            if (memories[index] != null && !memories[index].scope().isAlive()) {
                throw new IllegalStateException("\"" + label + "\", argument " + index + ": memory \""
                        + ((Slice) arguments.get(index)).memory().label() + "\" is closed");
            }
        }
    }

    @Override
    public MemorySegment memory(int index) {
        require(index, Slice.class);
        return memories[index];
    }

    @Override
    public int i32(int index) {
        require(index, Argument.I32.class);
        return (int) numbers[index];
    }

    @Override
    public long i64(int index) {
        require(index, Argument.I64.class);
        return numbers[index];
    }

    @Override
    public float f32(int index) {
        require(index, Argument.F32.class);
        return floats[index];
    }

    @Override
    public int count() {
        return types.length;
    }

    private void require(int index, Class<?> type) {
        if (index < 0 || index >= types.length || types[index] != type) {
            throw mismatch(index, type);
        }
    }

    private IllegalArgumentException mismatch(int index, Class<?> type) {
        String bound = index < 0 || index >= types.length ? "only " + types.length + " arguments were bound"
                : types[index].getSimpleName() + " was bound";
        return new IllegalArgumentException("argument " + index + " was read as " + type.getSimpleName() + ", but " + bound);
    }
}
