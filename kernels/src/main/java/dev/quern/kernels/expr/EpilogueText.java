package dev.quern.kernels.expr;

import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.runtime.DType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Renders an {@link Epilogue} as text to put before a kernel's own. It defines
 *
 * <ul>
 * <li>{@code Q_EPILOGUE_PARAMETERS} and {@code Q_EPILOGUE_ARGUMENTS}, to append to parameter lists and to calls (both
 * begin with a comma, or are empty),
 * <li>{@code float q_epilogue(float x, size_t i Q_EPILOGUE_PARAMETERS)}: what to store as element {@code i} of the output
 * when the kernel's own value is {@code x},
 * <li>for each vector width W asked for, {@code floatW q_epilogueW(floatW x, size_t i Q_EPILOGUE_PARAMETERS)}: the same for
 * elements i to i+W-1, which must lie within one run of {@code run} elements that starts at a multiple of {@code run}.
 * </ul>
 *
 * <p>The functions store what the epilogue keeps besides, so a kernel calls them for elements of the output only.
 */
public final class EpilogueText {
    private static final Names EPILOGUE = new Names("Q_EPILOGUE", "q_epilogue", "e");

    private EpilogueText() {
    }

    /**
     * Why the vector forms cannot be rendered; empty when they can.
     *
     * @param epilogue the epilogue
     * @param elements elements of the output
     * @param run      within how many consecutive output elements each vector lies: the columns of a matrix, the pixels of
     *                 a channel
     */
    public static Optional<String> vectorObstacle(Epilogue epilogue, long elements, long run) {
        for (EpilogueOperand operand : epilogue.operands()) {
            if (!operand.isFull(elements) && !operand.isConsecutiveOver(run) && !operand.isConstantOver(run)) {
                return Optional.of("epilogue operand " + operand.name() + " is neither full, along rows of " + run
                        + " nor constant over them");
            }
            if (!operand.isConstantOver(run) && !operand.isUnbrokenOver(run)) {
                return Optional.of("epilogue operand " + operand.text() + " lies in rows that break off within " + run + " elements");
            }
        }
        return scalarObstacle(epilogue);
    }

    /** Why the scalar form cannot be rendered; empty when it can. */
    public static Optional<String> scalarObstacle(Epilogue epilogue) {
        for (EpilogueOperand operand : epilogue.operands()) {
            if (operand.dtype() != DType.F32) {
                return Optional.of("epilogue operand " + operand.name() + " is " + operand.dtype() + ", not F32");
            }
        }
        return Optional.empty();
    }

    /**
     * The text.
     *
     * @param epilogue the epilogue; the empty one gives functions that return their first argument
     * @param elements elements of the output
     * @param run      see {@link #vectorObstacle}; any value where no vector form is asked for
     * @param widths   the vector widths to define besides the scalar form
     */
    public static String render(Epilogue epilogue, long elements, long run, int... widths) {
        return render(EPILOGUE, epilogue, elements, run, widths);
    }

    /**
     * What the parts of the text are called.
     *
     * @param macros   what the macros begin with
     * @param function the function
     * @param array    what the operands begin with
     */
    record Names(String macros, String function, String array) {
        String parameters() {
            return macros + "_PARAMETERS";
        }

        String kept(int index) {
            return array + "_kept" + index;
        }
    }

    static String render(Names names, Epilogue epilogue, long elements, long run, int... widths) {
        StringBuilder parameters = new StringBuilder();
        StringBuilder arguments = new StringBuilder();
        for (int k = 0; k < epilogue.operands().size(); k++) {
            parameters.append(", Q_GLOBAL const float* ").append(names.array).append(k);
            arguments.append(", ").append(names.array).append(k);
        }
        for (int k = 0; k < epilogue.kept().size(); k++) {
            parameters.append(", Q_GLOBAL float* ").append(names.kept(k));
            arguments.append(", ").append(names.kept(k));
        }
        StringBuilder text = new StringBuilder(ExprText.helpers(epilogue.results(),
                IntStream.concat(IntStream.of(1), IntStream.of(widths)).toArray()));
        text.append("#define ").append(names.parameters()).append(' ').append(parameters).append('\n');
        text.append("#define ").append(names.macros).append("_ARGUMENTS ").append(arguments).append('\n');
        function(text, names, epilogue, elements, run, 1);
        for (int width : widths) {
            function(text, names, epilogue, elements, run, width);
        }
        return text.toString();
    }

    private static void function(StringBuilder text, Names names, Epilogue epilogue, long elements, long run, int width) {
        List<EpilogueOperand> operands = epilogue.operands();
        String type = ExprText.type(width);
        ExprText body = new ExprText(width, "t",
                input -> input == 0 ? "x" : load(operands.get(input - 1), names.array + (input - 1), elements, run, width));
        String result = body.value(epilogue.expression());
        List<String> kept = epilogue.kept().stream().map(body::value).toList();
        text.append("Q_DEVICE ").append(type).append(' ').append(names.function).append(width == 1 ? "" : width).append('(')
                .append(type).append(" x, size_t i ").append(names.parameters()).append(") {\n");
        body.statements().forEach(statement -> text.append("    ").append(statement).append('\n'));
        for (int k = 0; k < kept.size(); k++) {
            text.append("    ").append(width == 1 ? names.kept(k) + "[i] = " + kept.get(k)
                    : "vstore" + width + "(" + kept.get(k) + ", 0, " + names.kept(k) + " + i)").append(";\n");
        }
        text.append("    return ").append(result).append(";\n}\n");
    }

    private static String load(EpilogueOperand operand, String array, long elements, long run, int width) {
        boolean constant = operand.isScalar() || width > 1 && !operand.isFull(elements) && !operand.isConsecutiveOver(run);
        String index;
        if (operand.isScalar()) {
            index = "0";
        } else if (operand.isFull(elements)) {
            index = "i";
        } else {
            String group = operand.inner() == 1 ? "i" : "i / " + operand.inner() + "u";
            index = operand.inner() * operand.count() >= elements ? group : "(" + group + ") % " + operand.count() + "u";
        }
        index = place(operand, index);
        if (width == 1) {
            return array + "[" + index + "]";
        }
        return constant ? "(float" + width + ")(" + array + "[" + index + "])"
                : "vload" + width + "(0, " + array + " + (" + index + "))";
    }

    /** Where an operand's element lies that is counted by an index. */
    private static String place(EpilogueOperand operand, String index) {
        Epilogue.Rows rows = operand.rows();
        if (rows.isWhole(operand.count())) {
            return index;
        }
        String from = rows.offset() == 0 ? "" : rows.offset() + "u + ";
        if (rows.length() >= operand.count()) {
            return from + index;
        }
        // One division, and of 32 bits where they hold every place: what precedes of a row, and the gaps before it.
        String narrow = operand.extent() <= Integer.MAX_VALUE ? "(Q_UINT)" : "";
        return from + index + " + " + narrow + "(" + index + ") / " + rows.length() + "u * " + (rows.pitch() - rows.length()) + "u";
    }
}
