package dev.quern.runtime.internal;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.ProgramSource;
import dev.quern.runtime.Slice;

/** The rules that hold on every device, checked before anything native is touched. */
public final class Checks {
    private Checks() {
    }

    /** The rules of {@link Memory#slice(long, long)}. */
    public static void slice(Memory memory, int alignment, long offset, long bytes) {
        open(memory);
        if (bytes < 1 || offset < 0 || bytes > memory.bytes() - offset) {
            throw new IllegalArgumentException("slice of " + bytes + " bytes at " + offset + " is not inside \""
                    + memory.label() + "\", which has " + memory.bytes() + " bytes");
        }
        if (offset % alignment != 0) {
            throw new IllegalArgumentException("slice of \"" + memory.label() + "\" at offset " + offset
                    + ": offsets are multiples of the device's base alignment, " + alignment);
        }
    }

    /** The text of a program for a device that compiles texts. */
    public static KernelText text(DeviceInfo info, ProgramSource source) {
        return switch (source) {
            case KernelText text when info.runs(text.dialect()) -> text;
            case KernelText text -> throw wrongDialect(info, text.name(), text.dialect().toString());
            case HostCode code -> throw wrongDialect(info, code.name(), "JAVA");
        };
    }

    /** The exception for a program that the device does not run. */
    public static IllegalArgumentException wrongDialect(DeviceInfo info, String program, String dialect) {
        return new IllegalArgumentException("program " + program + " is in dialect " + dialect + "; " + info.id() + " runs "
                + info.dialects());
    }

    /** @throws IllegalStateException if the memory is closed */
    public static void open(Memory memory) {
        if (memory.closed()) {
            throw new IllegalStateException("memory \"" + memory.label() + "\" is closed");
        }
    }

    /** That the slice belongs to the device; and is open. */
    public static void owned(Device device, Slice slice, String use) {
        if (slice.memory().device() != device) {
            throw new IllegalArgumentException(use + ": memory \"" + slice.memory().label() + "\" is of device "
                    + slice.memory().device().info().id() + ", not of this " + device.info().id());
        }
        open(slice.memory());
    }

    /** The rules of a launch that need no driver: kernel of this device, grid inside the limits, memory owned and open. */
    public static void launch(Device device, Launch launch) {
        DeviceInfo info = device.info();
        if (launch.kernel().program().device() != device) {
            throw new IllegalArgumentException("\"" + launch.label() + "\": kernel " + launch.kernel().name()
                    + " was compiled for another device than this " + info.id());
        }
        Grid grid = launch.grid();
        if (grid.local() > info.maxGroupSize()) {
            throw new IllegalArgumentException("\"" + launch.label() + "\": groups of " + grid.localX() + "x"
                    + grid.localY() + "x" + grid.localZ() + " are " + grid.local() + " work-items; " + info.id()
                    + " takes at most " + info.maxGroupSize());
        }
        int position = 0;
        for (var argument : launch.arguments()) {
            if (argument instanceof Slice slice) {
                String use = "\"" + launch.label() + "\", argument " + position;
                if (slice.memory().closed()) {
                    throw new IllegalArgumentException(use + ": memory \"" + slice.memory().label() + "\" is closed");
                }
                owned(device, slice, use);
            }
            position++;
        }
    }

    /** The wording for a launch with too few or too many arguments. */
    public static IllegalArgumentException argumentCount(Launch launch, int expected) {
        return new IllegalArgumentException("\"" + launch.label() + "\": kernel " + launch.kernel().name() + " takes "
                + expected + " arguments, " + launch.arguments().size() + " were given");
    }

    /** The wording for an argument of another type than the kernel's parameter. */
    public static IllegalArgumentException argumentType(Launch launch, int index, String parameter) {
        Argument argument = launch.arguments().get(index);
        return new IllegalArgumentException("\"" + launch.label() + "\", argument " + index + ": kernel "
                + launch.kernel().name() + " takes " + parameter + ", but " + (argument instanceof Slice ? "memory" : argument)
                + " was given");
    }

    /** The wording for groups that are larger than a kernel can run with. */
    public static IllegalArgumentException groupTooLarge(Launch launch, long most) {
        Grid grid = launch.grid();
        return new IllegalArgumentException("\"" + launch.label() + "\": groups of " + grid.localX() + "x" + grid.localY() + "x"
                + grid.localZ() + " are " + grid.local() + " work-items; kernel " + launch.kernel().name() + " takes at most "
                + most + " on " + launch.kernel().program().device());
    }

    /** That a staging area is large enough for a copy. */
    public static void fits(long stagingBytes, Slice slice) {
        if (stagingBytes < slice.bytes()) {
            throw new IllegalArgumentException("staging of " + stagingBytes + " bytes is smaller than the slice of "
                    + slice.bytes() + " bytes of \"" + slice.memory().label() + "\"");
        }
    }

    /** The rules of {@link dev.quern.runtime.Queue#copy}. */
    public static void copy(Slice source, Slice target) {
        if (source.bytes() != target.bytes()) {
            throw new IllegalArgumentException("copy of " + source.bytes() + " bytes of \"" + source.memory().label()
                    + "\" to " + target.bytes() + " bytes of \"" + target.memory().label() + "\": lengths differ");
        }
        if (source.memory() == target.memory() && source.offset() < target.offset() + target.bytes()
                && target.offset() < source.offset() + source.bytes()) {
            throw new IllegalArgumentException("copy inside \"" + source.memory().label() + "\" from " + source.offset()
                    + " to " + target.offset() + ": the slices of " + source.bytes() + " bytes overlap");
        }
    }
}
