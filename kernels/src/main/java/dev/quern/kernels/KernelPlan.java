package dev.quern.kernels;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.ProgramSource;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a variant solves a problem: launches in order, with references instead of memory, and the workspaces that they
 * share. A graph binds the references to planned slots, a test to buffers of its own.
 *
 * @param launches   the launches, in order
 * @param workspaces bytes of each temporary; its contents are undefined before and after
 */
public record KernelPlan(List<PlannedLaunch> launches, List<Long> workspaces) {
    public KernelPlan {
        launches = List.copyOf(launches);
        workspaces = List.copyOf(workspaces);
    }

    /** A plan of a single launch without workspace. */
    public static KernelPlan of(PlannedLaunch launch) {
        return new KernelPlan(List.of(launch), List.of());
    }

    /**
     * One launch.
     *
     * @param role      what this launch does within the plan: {@code pack a}, {@code multiply}
     * @param source    the program
     * @param entry     the kernel in it
     * @param grid      groups and their size
     * @param arguments the arguments in the kernel's order
     */
    public record PlannedLaunch(String role, ProgramSource source, String entry, Grid grid, List<Reference> arguments) {
        public PlannedLaunch {
            arguments = List.copyOf(arguments);
        }
    }

    /** What an argument refers to. */
    public sealed interface Reference {
        /** An operand of the problem, by its position in {@link Problem#operands()}. */
        record OfOperand(int index) implements Reference {
        }

        /** An operand of the epilogue, by its position in {@link dev.quern.kernels.expr.Epilogue#operands()}. */
        record OfEpilogue(int index) implements Reference {
        }

        /** A kernel's own arguments with all of an epilogue's operands behind them. */
        static List<Reference> withEpilogue(List<Reference> own, Epilogue epilogue) {
            Stream<Reference> operands = IntStream.range(0, epilogue.operands().size()).mapToObj(OfEpilogue::new);
            return Stream.concat(own.stream(), operands).toList();
        }

        /** A workspace of the plan, by its position. */
        record OfWorkspace(int index) implements Reference {
        }

        /** A number; never a slice. */
        record OfNumber(Argument number) implements Reference {
        }

        static Reference operand(int index) {
            return new OfOperand(index);
        }

        static Reference epilogue(int index) {
            return new OfEpilogue(index);
        }

        static Reference workspace(int index) {
            return new OfWorkspace(index);
        }

        static Reference number(int value) {
            return new OfNumber(new Argument.I32(value));
        }

        static Reference number(long value) {
            return new OfNumber(new Argument.I64(value));
        }

        static Reference number(float value) {
            return new OfNumber(new Argument.F32(value));
        }
    }
}
