package dev.quern.graph.report;

import java.util.Locale;

/** HTML and SVG text as it grows; whatever comes from outside is escaped. */
public final class Markup {
    private final StringBuilder text = new StringBuilder();

    /** Appends a pattern of {@link String#format} whose arguments are escaped if they are strings. */
    public Markup add(String pattern, Object... arguments) {
        Object[] escaped = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            escaped[i] = arguments[i] instanceof String string ? escape(string) : arguments[i];
        }
        text.append(String.format(Locale.ROOT, pattern, escaped)).append('\n');
        return this;
    }

    /** Appends markup that was made by another. */
    public Markup add(Markup other) {
        text.append(other.text);
        return this;
    }

    private static String escape(String string) {
        return string.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
