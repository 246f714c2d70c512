package dev.quern.graph.report;

import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.Explanation.ExplainedRegion;
import dev.quern.graph.plan.Explanation.StoredValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A plan's regions drawn in the order in which they run, with an arc for each value from where it is written to where it is read. */
final class RegionDiagram {
    private static final int ROW = 20;
    private static final int BOX_LEFT = 40;
    private static final int BOX_WIDTH = 330;
    private static final int WIDTH = 760;
    /** How far an arc bulges for each row that it spans, and at most. */
    private static final double BULGE = 14;
    private static final double LARGEST_BULGE = 2.0 * (WIDTH - BOX_LEFT - BOX_WIDTH - 20);
    private static final List<String> COLOURS = List.of("#cfe3f7", "#f7dfc4", "#d8efd0", "#ead8f2", "#f7d4d8", "#e8e6cf", "#d3eeee",
            "#e2e2e2");

    private RegionDiagram() {
    }

    /** The drawing as SVG. */
    static Markup of(Explanation explanation) {
        List<ExplainedRegion> regions = explanation.regions();
        int height = (regions.size() + 1) * ROW;
        Markup svg = new Markup().add("<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"regions and values\">", WIDTH,
                height, WIDTH);
        arcs(svg, regions);
        Map<String, String> colours = new HashMap<>();
        for (int i = 0; i < regions.size(); i++) {
            ExplainedRegion region = regions.get(i);
            String colour = colours.computeIfAbsent(region.step().family(), _ -> COLOURS.get(Math.min(colours.size(), COLOURS.size() - 1)));
            int top = ROW / 2 + i * ROW;
            svg.add("<a href=\"#region%d\"><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>", i + 1, BOX_LEFT - 6, top + 14, i + 1);
            svg.add("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>", BOX_LEFT, top + 1, BOX_WIDTH, ROW - 2, colour);
            svg.add("<text x=\"%d\" y=\"%d\">%s</text><title>%s</title></a>", BOX_LEFT + 6, top + 14,
                    shortened(region.step().region() + "  " + region.step().family() + "/" + region.step().variant()),
                    region.step().problem());
        }
        return svg.add("</svg>");
    }

    private static void arcs(Markup svg, List<ExplainedRegion> regions) {
        Map<String, Integer> writers = new HashMap<>();
        for (int reader = 0; reader < regions.size(); reader++) {
            for (StoredValue value : regions.get(reader).reads()) {
                Integer writer = writers.get(value.name());
                if (writer != null) {
                    arc(svg, writer, reader, value);
                }
            }
            for (StoredValue value : regions.get(reader).writes()) {
                writers.put(value.name(), reader);
            }
        }
    }

    /** The more bytes, the thicker. */
    private static void arc(Markup svg, int writer, int reader, StoredValue value) {
        int x = BOX_LEFT + BOX_WIDTH;
        int from = ROW + writer * ROW;
        int to = ROW + reader * ROW;
        double bulge = Math.min(LARGEST_BULGE, 24 + BULGE * (reader - writer));
        double width = Math.clamp(Math.log10(Math.max(1, value.bytes())) / 2 - 0.8, 0.6, 3);
        svg.add("<path d=\"M %d %d Q %.0f %d %d %d\" stroke-width=\"%.1f\"><title>%s</title></path>", x, from, x + bulge,
                (from + to) / 2, x, to, width, value.name() + " " + value.type() + " @" + value.place());
    }

    private static String shortened(String text) {
        int most = BOX_WIDTH / 7;
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
