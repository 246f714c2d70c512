package dev.quern.kernels;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.ProgramSource;
import java.util.ArrayList;
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
     * <p>A launch may be a preparation: it writes workspaces alone, from some input operands alone. While these operands and
     * workspaces are unchanged it need not run again; later launches leave what it wrote as they found it, or put it back.
     *
     * @param role         what this launch does within the plan: {@code pack a}, {@code multiply}
     * @param source       the program
     * @param entry        the kernel in it
     * @param grid         groups and their size
     * @param arguments    the arguments in the kernel's order
     * @param preparedFrom for a preparation the positions of the operands that it depends on, else empty
     */
    public record PlannedLaunch(String role, ProgramSource source, String entry, Grid grid, List<Reference> arguments,
            List<Integer> preparedFrom) {
        public PlannedLaunch {
            arguments = List.copyOf(arguments);
            preparedFrom = List.copyOf(preparedFrom);
        }

        /** A launch that runs every time. */
        public PlannedLaunch(String role, ProgramSource source, String entry, Grid grid, List<Reference> arguments) {
            this(role, source, entry, grid, arguments, List.of());
        }

        /** This as a preparation from these input operands. */
        public PlannedLaunch preparedFrom(Integer... operands) {
            return new PlannedLaunch(role, source, entry, grid, arguments, List.of(operands));
        }

        /** Whether it need not run again while what it depends on is unchanged. */
        public boolean isPreparation() {
            return !preparedFrom.isEmpty();
        }
    }

    /** Whether some launch need not run again while what it depends on is unchanged. */
    public boolean isPrepared() {
        return launches.stream().anyMatch(PlannedLaunch::isPreparation);
    }

    /** The launches that are preparations, or those that are not; either keeps all workspaces. */
    public KernelPlan only(boolean preparation) {
        return new KernelPlan(launches.stream().filter(launch -> launch.isPreparation() == preparation).toList(), workspaces);
    }

    /** What an argument refers to. */
    public sealed interface Reference {
        /** An operand of the problem, by its position in {@link Problem#operands()}. */
        record OfOperand(int index) implements Reference {
        }

        /** A tensor of the epilogue: an operand by its position, or, counted on from the last operand, what it keeps. */
        record OfEpilogue(int index) implements Reference {
        }

        /** An operand of a prologue: of that of an operand of the problem, its operand at a position. */
        record OfPrologue(int operand, int index) implements Reference {
        }

        /** All operands of all prologues, those of the problem's first operand first. */
        static List<Reference> ofPrologues(Prologues prologues) {
            List<Reference> all = new ArrayList<>();
            prologues.byOperand().forEach((operand, prologue) -> IntStream.range(0, prologue.operands().size())
                    .forEach(index -> all.add(new OfPrologue(operand, index))));
            return all;
        }

        /** A kernel's own arguments with all of an epilogue's tensors behind them. */
        static List<Reference> withEpilogue(List<Reference> own, Epilogue epilogue) {
            Stream<Reference> operands = IntStream.range(0, epilogue.arguments()).mapToObj(OfEpilogue::new);
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
