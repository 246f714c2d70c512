package dev.quern.runtime.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel's declaration as its text has it: for error messages, because machine code keeps neither the names nor the types of
 * parameters. What a macro stands for is not known here, so nothing may depend on it being right.
 *
 * @param parameters the parameters as they are written
 */
record EntryText(List<Parameter> parameters) {
    private static final Pattern ENTRY = Pattern.compile("(?:\\bQ_KERNEL|\\b__global__)\\b[^;{}]*?\\bvoid\\s+(?:Q_REQD_GROUP\\([^()]*\\)\\s*"
            + "|__launch_bounds__\\([^()]*\\)\\s*)?(\\w+)\\s*\\(");
    private static final Pattern QUALIFIERS = Pattern.compile("\\b(?:Q_GLOBAL|Q_RESTRICT|__restrict__|const)\\b");

    EntryText {
        parameters = List.copyOf(parameters);
    }

    /** One parameter: its type without qualifiers, and its name. */
    record Parameter(String type, String name) {
        static Parameter of(String text) {
            String plain = QUALIFIERS.matcher(text).replaceAll(" ").strip().replaceAll("\\s+", " ").replaceAll(" ?\\*", "*");
            int end = Math.max(plain.lastIndexOf(' '), plain.lastIndexOf('*') + 1);
            return end <= 0 ? new Parameter(plain, "") : new Parameter(plain.substring(0, end).strip(), plain.substring(end).strip());
        }

        boolean pointer() {
            return type.endsWith("*");
        }

        @Override
        public String toString() {
            return (type + " " + name).strip();
        }
    }

    /** The kernels of a text, by their names. */
    static Map<String, EntryText> of(String text) {
        Map<String, EntryText> entries = new TreeMap<>();
        Matcher matcher = ENTRY.matcher(text);
        while (matcher.find()) {
            entries.put(matcher.group(1), new EntryText(parameters(text, matcher.end())));
        }
        return entries;
    }

    /** The parameters from behind the opening parenthesis on. */
    private static List<Parameter> parameters(String text, int start) {
        List<Parameter> parameters = new ArrayList<>();
        int depth = 0;
        int from = start;
        for (int at = start; at < text.length(); at++) {
            char c = text.charAt(at);
            if (depth == 0 && (c == ',' || c == ')')) {
                String parameter = text.substring(from, at).strip();
                if (!parameter.isEmpty() && !parameter.equals("void")) {
                    parameters.add(Parameter.of(parameter));
                }
                from = at + 1;
                if (c == ')') {
                    break;
                }
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            }
        }
        return parameters;
    }
}
