package dev.quern.graph.expr;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Asks expressions about their form: size, inputs, cost, text. */
public final class ExprForm {
    private ExprForm() {
    }

    /** The inputs that an expression reads, in order. */
    public static SortedSet<Integer> inputs(Expr expr) {
        SortedSet<Integer> inputs = new TreeSet<>();
        collect(expr, new HashSet<>(), inputs);
        return inputs;
    }

    private static void collect(Expr expr, Set<Expr> seen, Set<Integer> inputs) {
        if (seen.add(expr)) {
            switch (expr) {
                case Expr.Input input -> inputs.add(input.index());
                case Expr.Constant constant -> {
                }
                case Expr.Call call -> call.arguments().forEach(argument -> collect(argument, seen, inputs));
            }
        }
    }

    /** How many distinct function applications it holds. */
    public static int calls(Expr expr) {
        Set<Expr> seen = new HashSet<>();
        collect(expr, seen, new TreeSet<>());
        return (int) seen.stream().filter(Expr.Call.class::isInstance).count();
    }

    /** How many nodes it has when written out as a tree, at most {@code limit}. */
    public static int treeSize(Expr expr, int limit) {
        if (!(expr instanceof Expr.Call call)) {
            return 1;
        }
        int size = 1;
        for (Expr argument : call.arguments()) {
            size += treeSize(argument, limit - size);
            if (size >= limit) {
                return limit;
            }
        }
        return size;
    }

    /** An estimate of its cost a value, in additions: a division counts 4, a transcendental function 16. */
    public static int weight(Expr expr) {
        Set<Expr> seen = new HashSet<>();
        collect(expr, seen, new TreeSet<>());
        return seen.stream().mapToInt(each -> each instanceof Expr.Call call ? weight(call.function()) : 0).sum();
    }

    private static int weight(ElementwiseFunction function) {
        return switch (function) {
            case DIV, RECIPROCAL, SQRT, RSQRT -> 4;
            case FMOD, TO_F16 -> 8;
            case POW, ATAN2, EXP, LOG, EXPM1, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ERF, SIGMOID, SOFTPLUS -> 16;
            default -> 1;
        };
    }

    /** The expression as nested calls: {@code add(mul(0.9, x0), x1)}. */
    public static String text(Expr expr) {
        return switch (expr) {
            case Expr.Input input -> "x" + input.index();
            case Expr.Constant constant -> number(constant.value());
            case Expr.Call call -> call.function().label() + call.arguments().stream().map(ExprForm::text)
                    .collect(Collectors.joining(", ", "(", ")"));
        };
    }

    /** A number without superfluous digits. */
    public static String number(float value) {
        return value == Math.rint(value) && Math.abs(value) < 1e7 ? String.format(Locale.ROOT, "%.0f", value)
                : Float.toString(value);
    }
}
