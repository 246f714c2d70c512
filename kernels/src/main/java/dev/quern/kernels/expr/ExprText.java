package dev.quern.kernels.expr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Renders expressions as kernel statements, one value a line, equal subexpressions once. The text depends on nothing
 * but the expressions: temporaries are numbered in the order in which they are first needed.
 */
public final class ExprText {
    private final IntFunction<String> inputs;
    private final String type;
    private final String prefix;
    private final Map<Expr, String> names = new LinkedHashMap<>();
    private final List<String> statements = new ArrayList<>();

    /**
     * A renderer.
     *
     * @param width  elements a value holds; 1 gives portable scalar text, more an OpenCL vector type
     * @param prefix what the names of temporaries begin with
     * @param inputs the text for the value of each input
     */
    public ExprText(int width, String prefix, IntFunction<String> inputs) {
        this.type = type(width);
        this.prefix = prefix;
        this.inputs = inputs;
    }

    /** The value type of a width: {@code float} or {@code float16}. */
    public static String type(int width) {
        return width == 1 ? "float" : "float" + width;
    }

    /** Appends what is needed to compute an expression, and gives the text of its value. */
    public String value(Expr expr) {
        String known = names.get(expr);
        if (known != null) {
            return known;
        }
        String name = switch (expr) {
            case Expr.Input input -> inputs.apply(input.index());
            case Expr.Constant constant -> "(" + type + ")(" + literal(constant.value()) + ")";
            case Expr.Call call -> {
                String[] arguments = new String[call.arguments().size()];
                for (int i = 0; i < arguments.length; i++) {
                    arguments[i] = value(call.arguments().get(i));
                }
                String temporary = prefix + statements.size();
                statements.add("const " + type + " " + temporary + " = " + spell(call.function(), arguments) + ";");
                yield temporary;
            }
        };
        names.put(expr, name);
        return name;
    }

    /** The statements so far, in order. */
    public List<String> statements() {
        return List.copyOf(statements);
    }

    private String spell(ElementwiseFunction function, String[] arguments) {
        String text = function.spelling().replace("$T", type);
        for (int i = 0; i < arguments.length; i++) {
            text = text.replace("$" + i, arguments[i]);
        }
        return function.truth() ? "(" + text + " ? (" + type + ")(1.0f) : (" + type + ")(0.0f))" : text;
    }

    /** A C literal with exactly this value. */
    public static String literal(float value) {
        if (Float.isNaN(value)) {
            return "Q_NAN";
        }
        if (Float.isInfinite(value)) {
            return value > 0 ? "Q_INFINITY" : "-Q_INFINITY";
        }
        return Float.toString(value) + "f";
    }
}
