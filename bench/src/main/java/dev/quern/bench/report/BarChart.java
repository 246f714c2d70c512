package dev.quern.bench.report;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.suite.Row;
import dev.quern.graph.report.Markup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** For each case a bar for Quern and one for each peer: how much of the ceiling each comes to. */
final class BarChart {
    private static final int LABEL = 230;
    private static final int WIDTH = 460;
    private static final int NOTE = 210;
    private static final int BAR = 11;
    private static final int GAP = 9;
    private static final int TOP = 22;

    private final Legend legend;

    BarChart(Legend legend) {
        this.legend = legend;
    }

    private record Bar(String style, String who, double share, double millis, Row row) {
    }

    /** The chart; empty where no case has a ceiling. */
    Optional<Markup> draw(List<CaseResult> cases) {
        List<List<Bar>> groups = new ArrayList<>();
        List<CaseResult> drawn = new ArrayList<>();
        for (CaseResult one : cases) {
            List<Bar> bars = bars(one);
            if (!bars.isEmpty()) {
                groups.add(bars);
                drawn.add(one);
            }
        }
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        double most = groups.stream().flatMap(List::stream).mapToDouble(Bar::share).max().orElse(1);
        double scale = WIDTH / Math.max(1.0, Math.ceil(most * 5) / 5);
        int height = TOP + groups.stream().mapToInt(group -> group.size() * BAR + GAP).sum() + 6;
        Markup svg = new Markup().add("<svg class=\"chart\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
                + "aria-label=\"share of the ceiling for each case\">", LABEL + WIDTH + NOTE, height, LABEL + WIDTH + NOTE, height);
        axis(svg, scale, height);
        int y = TOP;
        for (int i = 0; i < groups.size(); i++) {
            svg.add("<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LABEL - 8,
                    y + groups.get(i).size() * BAR / 2 + 4, label(drawn.get(i)));
            for (Bar bar : groups.get(i)) {
                bar(svg, bar, scale, y);
                y += BAR;
            }
            y += GAP;
        }
        return Optional.of(svg.add("</svg>"));
    }

    private static String label(CaseResult result) {
        String pass = result.pass().equals("forward") || result.pass().equals("step") ? "" : " " + result.pass();
        String label = result.name() + pass;
        return label.length() <= 38 ? label : "…" + label.substring(label.length() - 37);
    }

    private List<Bar> bars(CaseResult result) {
        List<Bar> bars = new ArrayList<>();
        Optional<Row> chosen = result.chosen();
        if (chosen.isEmpty() || chosen.get().roof().isEmpty()) {
            return bars;
        }
        Row row = chosen.get();
        Ceilings.Roof roof = row.roof().get();
        double own = row.timing().orElseThrow().median();
        bars.add(new Bar(Legend.quern(), "Quern " + row.variant(), roof.share(own), own, row));
        row.peers().forEach((peer, timing) ->
                bars.add(new Bar(legend.peer(peer), peer, roof.share(timing.median()), timing.median(), row)));
        return bars;
    }

    private static void axis(Markup svg, double scale, int height) {
        for (int percent = 0; percent * scale / 100 <= WIDTH + 0.5; percent += 20) {
            double x = LABEL + percent * scale / 100;
            svg.add("<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", percent == 100 ? "roof" : "grid", x, x,
                    TOP - 4, height - 4);
            svg.add("<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d%%</text>", x, TOP - 9, percent);
        }
    }

    private static void bar(Markup svg, Bar bar, double scale, int y) {
        double rate = bar.row.roof().orElseThrow().bound().counting() ? bar.row.flops() : bar.row.bytes();
        String unit = bar.row.roof().orElseThrow().bound().counting() ? "GFLOP/s" : "GB/s";
        String note = String.format(Locale.ROOT, "%s ms · %.1f %s", millis(bar.millis), rate / bar.millis * 1e-6, unit);
        svg.add("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s: %s, %s %% of the ceiling (%s)</title>"
                + "</rect>", bar.style, LABEL, y, Math.max(1, bar.share * scale), BAR - 2, bar.who, note,
                String.format(Locale.ROOT, "%.0f", 100 * bar.share), bar.row.roof().orElseThrow().bound().name().toLowerCase(Locale.ROOT));
        svg.add("<text class=\"note\" x=\"%.1f\" y=\"%d\">%s</text>", LABEL + bar.share * scale + 5, y + BAR - 3, note);
    }

    /** Three digits. */
    static String millis(double millis) {
        return String.format(Locale.ROOT, millis >= 100 ? "%.0f" : millis >= 10 ? "%.1f" : millis >= 1 ? "%.2f" : "%.3f", millis);
    }
}
