package dev.quern.graph.fuzz;

import static dev.quern.kernels.expr.ElementwiseFunction.*;

import dev.quern.graph.interp.Interpreter;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.copy.CopyProblem;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.gather.GatherProblem;
import dev.quern.kernels.gather.ScatterAddProblem;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.pool.MaxPool2dForwardProblem;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.reduce.ArgReduceProblem;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.scan.ScanProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The references' arithmetic in double precision with relative errors of the size that arithmetic in F32 may make, drawn at
 * random: Monte Carlo arithmetic (Parker, "Monte Carlo Arithmetic: exploiting randomness in floating-point arithmetic", 1997). How far
 * results scatter says how far a kernel may be off, whatever lies between: cancellation, steep functions, comparisons that are
 * nearly equal.
 *
 * <ul>
 * <li>Every arithmetic function in an expression errs by up to {@link #UNITS} units of 2^-24, which is what OpenCL allows its
 *     worst function. What rounds to no new value (comparisons, choices, signs, rounding to integers) is exact, and so are sums and
 *     products where arguments and result are F32's own.
 * <li>What moves elements or picks one of them is exact, and so are sums of whole numbers.
 * <li>Everything else errs so in each operand's elements and in the result, and in the operands by the root of an eighth as many
 *     terms as an element of the result has multiplications.
 * <li>What comes near the end of F32's range is infinite: it may be on the way to a result that is within. What comes near its smallest
 *     numbers is anything from 0 to twice as large.
 * <li>Numbers that differ by no more than this may be equal in F32.
 * </ul>
 */
final class NoisyArithmetic implements Interpreter.Arithmetic {
    static final double UNITS = 16;
    private static final double UNIT = 0x1p-24;
    private static final double TERMS = 8;
    private static final Set<ElementwiseFunction> EXACT = EnumSet.of(MAXIMUM, MINIMUM, NEG, ABS, SIGN, RELU, FLOOR, CEIL, ROUND, TRUNC,
            TO_F16, TO_BF16, SELECT);

    private static final Set<ElementwiseFunction> ARITHMETIC = EnumSet.of(ADD, SUB, MUL, SQUARE);
    private static final double MOST_WHOLE = 1 << 24;
    private static final double MOST = 1e30;
    private static final double LEAST = 1e-36;

    private final Interpreter.Arithmetic references;
    private final SplittableRandom random;

    NoisyArithmetic(Interpreter.Arithmetic references, long seed) {
        this.references = references;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public void compute(Problem problem, List<HostTensor> operands) {
        switch (problem) {
            case PointwiseProblem pointwise -> compute(pointwise, operands);
            case CopyProblem exact -> references.compute(exact, operands);
            case GatherProblem exact -> references.compute(exact, operands);
            case ArgReduceProblem exact -> references.compute(exact, operands);
            case MaxPool2dForwardProblem exact -> references.compute(exact, operands);
            case ReduceProblem reduce when isWhole(operands.getFirst()) && reduce.op().plain() -> references.compute(reduce, operands);
            case ScanProblem scan when isWhole(operands.getFirst()) -> references.compute(scan, operands);
            case ScatterAddProblem scatter when isWhole(operands.getFirst()) -> references.compute(scatter, operands);
            case ReduceProblem reduce when reduce.op() == ReduceOp.MAX || reduce.op() == ReduceOp.MIN -> references.compute(reduce, operands);
            default -> around(problem, operands);
        }
    }

    private void around(Problem problem, List<HostTensor> operands) {
        double results = 1;
        for (Operand operand : problem.operands()) {
            results = operand.role() == Role.INPUT ? results : Math.max(results, operand.shape().elements());
        }
        double terms = Math.max(1, problem.cost().flops() / 2 / results / TERMS);
        List<HostTensor> copies = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            copies.add(isInput(problem, i) ? erring(operands.get(i), UNITS * Math.sqrt(terms)) : operands.get(i));
        }
        references.compute(problem, copies);
        for (int i = 0; i < operands.size(); i++) {
            if (!isInput(problem, i)) {
                operands.get(i).memory().copyFrom(erring(operands.get(i), UNITS).memory());
            }
        }
    }

    private static boolean isSingle(double value) {
        return (float) value == value;
    }

    private static boolean isWhole(HostTensor tensor) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
            double value = tensor.get(i);
            if (value != Math.rint(value) || Math.abs(value) > MOST_WHOLE / tensor.shape().elements()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isInput(Problem problem, int operand) {
        return problem.operands().get(operand).role() == Role.INPUT;
    }

    private HostTensor erring(HostTensor tensor, double units) {
        if (tensor.dtype() != DType.F64) {
            return tensor;
        }
        HostTensor copy = HostTensor.zeros(tensor.dtype(), tensor.shape());
        for (long i = 0; i < tensor.shape().elements(); i++) {
            copy.set(i, erring(tensor.get(i), units));
        }
        return copy;
    }

    private double erring(double value, double units) {
        if (Math.abs(value) < LEAST) {
            return value * Math.max(0, 4 * random.nextDouble() - 2);
        }
        double near = value * (1 + units * UNIT * (2 * random.nextDouble() - 1));
        return Math.abs(near) > MOST ? Math.copySign(Double.POSITIVE_INFINITY, near) : near;
    }

    private void compute(PointwiseProblem problem, List<HostTensor> operands) {
        int input = 0;
        int output = problem.parts().stream().mapToInt(part -> part.inputs().size()).sum();
        for (Part part : problem.parts()) {
            new Program(part).run(operands.subList(input, input + part.inputs().size()),
                    operands.subList(output, output + part.results().size()));
            input += part.inputs().size();
            output += part.results().size();
        }
    }

    /** A part's expressions in the order of their arguments, each subexpression once. */
    private final class Program {
        private final Part part;
        private final Map<Expr, Integer> places = new LinkedHashMap<>();

        private Program(Part part) {
            this.part = part;
            part.results().forEach(this::place);
        }

        private void place(Expr expr) {
            if (places.containsKey(expr)) {
                return;
            }
            if (expr instanceof Expr.Call call) {
                call.arguments().forEach(this::place);
            }
            places.put(expr, places.size());
        }

        private void run(List<HostTensor> inputs, List<HostTensor> outputs) {
            double[] values = new double[places.size()];
            List<Expr> order = List.copyOf(places.keySet());
            int[][] arguments = new int[order.size()][];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = order.get(i) instanceof Expr.Call call
                        ? call.arguments().stream().mapToInt(places::get).toArray() : new int[0];
            }
            int[] results = part.results().stream().mapToInt(places::get).toArray();
            for (long element = 0; element < part.shape().elements(); element++) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = switch (order.get(i)) {
                        case Expr.Input(int index) -> load(part.inputs().get(index), inputs.get(index), element);
                        case Expr.Constant(float value) -> value;
                        case Expr.Call call -> call(call.function(), arguments[i], values);
                    };
                }
                for (int r = 0; r < results.length; r++) {
                    outputs.get(r).set(element, stored(part.types().get(r), values[results[r]]));
                }
            }
        }

        private double call(ElementwiseFunction function, int[] at, double[] values) {
            double value = function.apply(values[at[0]], at.length > 1 ? values[at[1]] : 0, at.length > 2 ? values[at[2]] : 0);
            if (function == EQUAL || function == NOT_EQUAL) {
                double apart = Math.abs(values[at[0]] - values[at[1]]);
                boolean open = apart > 0 && apart <= UNITS * UNIT * Math.abs(values[at[0]]);
                return open ? random.nextInt(2) : value;
            }
            boolean exact = function.truth() || EXACT.contains(function)
                    || ARITHMETIC.contains(function) && isSingle(value) && isSingle(values[at[0]]) && isSingle(values[at[at.length - 1]]);
            return exact ? value : erring(value, UNITS);
        }

        private double load(PointwiseProblem.Input input, HostTensor tensor, long element) {
            long index = input.offset();
            long rest = element;
            for (int axis = part.shape().rank() - 1; axis >= 0; axis--) {
                index += rest % part.shape().extent(axis) * input.strides().get(axis);
                rest /= part.shape().extent(axis);
            }
            long at = index;
            return input.draw().map(draw -> draw.distribution() == Distribution.NORMAL ? erring(draw.at(tensor, at), UNITS)
                    : draw.at(tensor, at)).orElseGet(() -> tensor.get(at));
        }
    }

    private static double stored(DType dtype, double value) {
        return switch (dtype) {
            case U8 -> Math.floor(Math.clamp(Double.isNaN(value) ? 0 : value, 0, 255));
            case BOOL -> value != 0 ? 1 : 0;
            default -> value;
        };
    }
}
