package dev.quern.runtime.internal;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.quern.runtime.KernelText;

/** Words for a program that does not compile: one line, the compiler's log, the numbered source around each error. */
public final class CompileReport {
    /** Clang's {@code gemm/tiled:12:5: error: …}, PoCL's {@code error: gemm/tiled:12:5: …}, CUDA's {@code gemm/tiled(12): error: …}. */
    private static final Pattern ERROR = Pattern.compile(
            "^(?:(?:fatal )?error: )(?<file1>.*?):(?<line1>\\d+):\\d+: (?<text1>.*)$"
                    + "|^(?<file2>.*?):(?<line2>\\d+):\\d+: (?:fatal )?error: (?<text2>.*)$"
                    + "|^(?<file3>.*?)\\((?<line3>\\d+)\\): (?:catastrophic )?error:? (?<text3>.*)$", Pattern.MULTILINE);
    private static final int CONTEXT = 3;
    private static final int MOST_ERRORS = 5;

    private CompileReport() {
    }

    /**
     * The report.
     *
     * @param prelude     the name under which the compiler knows what stands before the text
     * @param linesBefore the lines that the compiler saw before the text, for drivers that ignore {@code #line} (Oclgrind)
     */
    public static String of(KernelText text, String device, String log, String prelude, int linesBefore) {
        Map<Integer, String> errors = new TreeMap<>();
        Matcher matcher = ERROR.matcher(log);
        while (matcher.find()) {
            String form = matcher.group("file1") != null ? "1" : matcher.group("file2") != null ? "2" : "3";
            int line = Integer.parseInt(matcher.group("line" + form));
            String file = matcher.group("file" + form);
            if (!file.endsWith(text.name())) {
                // An error in the prelude or in a definition has no line of the text to show.
                line = file.endsWith(prelude) ? 0 : line - linesBefore;
            }
            if (line > 0) {
                errors.putIfAbsent(line, matcher.group("text" + form).strip());
            }
        }
        StringBuilder report = new StringBuilder("program ").append(text.name()).append(" does not compile for ").append(device);
        errors.entrySet().stream().findFirst()
                .ifPresent(first -> report.append(": line ").append(first.getKey()).append(": ").append(first.getValue()));
        if (!text.defines().isEmpty()) {
            report.append("\nwith ").append(text.defines());
        }
        report.append("\n").append(log.isBlank() ? "(the compiler gave no log)" : log.strip());
        errors.keySet().stream().limit(MOST_ERRORS).forEach(line -> excerpt(report, text, line));
        return report.toString();
    }

    private static void excerpt(StringBuilder report, KernelText text, int line) {
        String[] lines = text.text().split("\n", -1);
        report.append("\n").append(text.name()).append(", around line ").append(line).append(":");
        for (int number = Math.max(1, line - CONTEXT); number <= Math.min(lines.length, line + CONTEXT); number++) {
            report.append(String.format("%n%s %4d  %s", number == line ? ">" : " ", number, lines[number - 1].stripTrailing()));
        }
    }
}
