package dev.quern.kernels.expr;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Renders expressions as kernel statements, one value a line, equal subexpressions once. The text depends on nothing
 * but the expressions: temporaries are numbered in the order in which they are first needed.
 */
public final class ExprText {
    /**
     * Adding and subtracting 1.5 * 2^(e+13), for a number whose exponent is e, leaves its 11 leading bits, rounded to even;
     * below 2^-14, where F16 has no more exponents, its bits down to 2^-24. What rounds past 65504 is infinite.
     */
    private static final String TO_F16 = """
            Q_DEVICE float$W q_to_f16$W(float$W x) {
                const float$W size = fabs(x);
                const float$W power = as_float$W(as_uint$W(size) & 0x7f800000u);
                const float$W magic = fmax(power, (float$W)(6.103515625e-5f)) * 12288.0f;
                const float$W kept = (size + magic) - magic;
                const float$W near = kept > (float$W)(65504.0f) ? (float$W)(Q_INFINITY) : kept;
                return size >= (float$W)(65520.0f) || x != x ? (size >= (float$W)(65520.0f) ? copysign((float$W)(Q_INFINITY), x) : x)
                        : copysign(near, x);
            }
            """;
    private static final String TO_BF16 = """
            Q_DEVICE float$W q_to_bf16$W(float$W x) {
                const uint$W bits = as_uint$W(x);
                const float$W near = as_float$W((bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u);
                return x != x ? x : near;
            }
            """;

    private final IntFunction<String> inputs;
    private final String type;
    private final String prefix;
    private final LinkedHashMap<Expr, String> names = new LinkedHashMap<>();
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
        boolean vector = !type.equals("float");
        String spelling = vector ? VectorFunctions.spelling(function) : function.spelling();
        String text = spelling.replace("$T", type).replace("$W", type.substring("float".length()));
        for (int i = 0; i < arguments.length; i++) {
            text = text.replace("$" + i, arguments[i]);
        }
        return function.truth() ? "(" + text + " ? (" + type + ")(1.0f) : (" + type + ")(0.0f))" : text;
    }

    /**
     * Definitions of the functions that expressions of these widths call and no language has, to put before their text; empty
     * where there are none.
     */
    public static String helpers(List<Expr> exprs, int... widths) {
        Set<ElementwiseFunction> called = EnumSet.noneOf(ElementwiseFunction.class);
        Set<Expr> seen = new HashSet<>();
        exprs.forEach(expr -> collect(expr, seen, called));
        StringBuilder text = new StringBuilder();
        for (int width : widths) {
            if (width > 1) {
                VectorFunctions.helpers(called).forEach(helper -> append(text, helper.name(), helper.text(), width));
            }
            for (ElementwiseFunction function : called) {
                switch (function) {
                    case TO_F16 -> append(text, "TO_F16", TO_F16, width);
                    case TO_BF16 -> append(text, "TO_BF16", TO_BF16, width);
                    default -> {
                    }
                }
            }
        }
        return text.toString();
    }

    /** Guarded, as a kernel may carry several expressions. */
    private static void append(StringBuilder text, String name, String template, int width) {
        String guard = "Q_HELPER_" + name + "_" + width;
        String body = width == 1 ? template.replace("as_uint$W", "(Q_UINT)Q_FLOAT_AS_INT").replace("as_float$W", "Q_INT_AS_FLOAT")
                .replace("uint$W", "Q_UINT").replace("$W", "") : template.replace("$W", String.valueOf(width));
        text.append("#ifndef ").append(guard).append("\n#define ").append(guard).append('\n').append(body).append("#endif\n");
    }

    private static void collect(Expr expr, Set<Expr> seen, Set<ElementwiseFunction> called) {
        if (expr instanceof Expr.Call call && seen.add(call)) {
            called.add(call.function());
            call.arguments().forEach(argument -> collect(argument, seen, called));
        }
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
