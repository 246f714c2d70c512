package dev.quern.bench.ladder;

import java.util.List;
import java.util.Locale;

/** A ladder as a picture: a bar for each rung, as long as its share of the device's ceiling. Needs no font or style from outside. */
final class LadderChart {
    private static final int WIDTH = 860;
    private static final int NAMES = 210;
    private static final int VALUES = 220;
    private static final int ROW = 30;
    private static final int HEAD = 54;
    private static final int FOOT = 34;
    private static final int GRID_LINES = 4;
    private static final double FULL = 100;

    private LadderChart() {
    }

    /**
     * The picture as SVG.
     *
     * @param title what was measured
     * @param rungs the rungs, lowest first
     */
    static String svg(String title, List<Rung> rungs) {
        int height = HEAD + rungs.size() * ROW + FOOT;
        double bars = WIDTH - NAMES - VALUES;
        double most = rungs.stream().filter(Rung::timed).mapToDouble(rung -> FULL * rung.row().share().orElse(0)).max().orElse(0);
        double scale = bars / Math.max(FULL, most);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                + "font-family=\"system-ui, sans-serif\" font-size=\"13\">%n", WIDTH, height, WIDTH, height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        svg.append(String.format("<text x=\"12\" y=\"24\" font-size=\"16\" font-weight=\"600\" fill=\"#1c2330\">%s</text>%n", escape(title)));
        for (int i = 0; i <= GRID_LINES; i++) {
            double percent = FULL * i / GRID_LINES;
            double x = NAMES + percent * scale;
            svg.append(String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>%n", x, HEAD - 8, x,
                    height - FOOT + 4, i == GRID_LINES ? "#c0392b" : "#dde2ea"));
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#5b6577\">%.0f %%</text>%n", x,
                    height - FOOT + 20, percent));
        }
        int y = HEAD;
        for (Rung rung : rungs) {
            double share = rung.timed() ? FULL * rung.row().share().orElse(0) : 0;
            svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1c2330\"%s>%s</text>%n", NAMES - 10,
                    y + 18, rung.row().best() ? " font-weight=\"600\"" : "", escape(rung.name())));
            svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>%n", NAMES, y + 5,
                    Math.max(1, share * scale), ROW - 12, rung.row().best() ? "#2b6cb0" : "#90b4d8"));
            String value = rung.timed() ? String.format(Locale.ROOT, "%.3f ms · %s · %.0f %%", rung.millis(), rung.rate(), share)
                    : "wrong result, not timed";
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" fill=\"#1c2330\">%s</text>%n",
                    NAMES + Math.max(1, share * scale) + 8, y + 18, escape(value)));
            y += ROW;
        }
        svg.append("<text x=\"12\" y=\"42\" fill=\"#5b6577\">share of the device's measured ceiling; dark: what selection chooses</text>\n");
        return svg.append("</svg>\n").toString();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
