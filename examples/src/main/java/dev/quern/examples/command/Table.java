package dev.quern.examples.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Lines of text in columns that are as wide as their widest cell. */
public final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] right;

    /**
     * A table.
     *
     * @param columns the headings; those that start with {@code >} stand to the right, as numbers should
     */
    public Table(String... columns) {
        right = new boolean[columns.length];
        List<String> headings = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            right[i] = columns[i].startsWith(">");
            headings.add(right[i] ? columns[i].substring(1) : columns[i]);
        }
        rows.add(headings);
    }

    /** Adds a row. */
    public Table row(Object... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException(cells.length + " cells for " + right.length + " columns");
        }
        rows.add(List.of(cells).stream().map(String::valueOf).toList());
        return this;
    }

    /** Prints it. */
    public void print(PrintWriter out) {
        int[] widths = new int[right.length];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : GAP).append(right[i] ? padding + row.get(i) : row.get(i) + padding);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
