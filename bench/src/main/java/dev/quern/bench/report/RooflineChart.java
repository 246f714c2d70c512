package dev.quern.bench.report;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.suite.Row;
import dev.quern.graph.report.Markup;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Arithmetic intensity against arithmetic rate on logarithmic axes, under the roofs of the device (Williams, Waterman and
 * Patterson, 2009).
 */
final class RooflineChart {
    private static final int LEFT = 62;
    private static final int TOP = 16;
    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final int BOTTOM = 44;

    private final Legend legend;
    private final Ceilings ceilings;
    private double minX;
    private double maxX;
    private double minY;
    private double maxY;

    RooflineChart(Legend legend, Ceilings ceilings) {
        this.legend = legend;
        this.ceilings = ceilings;
    }

    /** The chart; empty where no case has both operations and bytes. */
    Optional<Markup> draw(List<CaseResult> cases) {
        List<Row> rows = cases.stream().flatMap(one -> one.chosen().stream())
                .filter(row -> row.bytes() > 0 && row.flops() > 0).toList();
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        range(rows);
        Markup svg = new Markup().add("<svg class=\"chart\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
                + "aria-label=\"roofline\">", LEFT + WIDTH + 16, TOP + HEIGHT + BOTTOM, LEFT + WIDTH + 16, TOP + HEIGHT + BOTTOM);
        grid(svg);
        roofs(svg);
        for (Row row : rows) {
            double intensity = row.flops() / row.bytes();
            for (Map.Entry<String, Timing> peer : row.peers().entrySet()) {
                point(svg, row, peer.getKey(), legend.peer(peer.getKey()), 3.5, intensity,
                        row.flops() / peer.getValue().median() * 1e-6);
            }
            point(svg, row, "Quern " + row.variant(), Legend.quern(), 4.5, intensity, row.gflops());
        }
        return Optional.of(svg.add("</svg>"));
    }

    /** Whole decades around the data and the ridge. */
    private void range(List<Row> rows) {
        double ridge = ceilings.flops() / ceilings.copy();
        double leastX = ridge;
        double mostX = ridge;
        double leastY = ceilings.flops() * 1e-9;
        double mostY = leastY;
        for (Row row : rows) {
            leastX = Math.min(leastX, row.flops() / row.bytes());
            mostX = Math.max(mostX, row.flops() / row.bytes());
            leastY = Math.min(leastY, row.gflops());
            mostY = Math.max(mostY, row.gflops());
            for (Timing peer : row.peers().values()) {
                leastY = Math.min(leastY, row.flops() / peer.median() * 1e-6);
                mostY = Math.max(mostY, row.flops() / peer.median() * 1e-6);
            }
        }
        minX = Math.floor(Math.log10(leastX * 0.9));
        maxX = Math.ceil(Math.log10(mostX * 1.1));
        minY = Math.floor(Math.log10(leastY * 0.9));
        maxY = Math.ceil(Math.log10(mostY * 1.1));
    }

    private double x(double intensity) {
        return LEFT + WIDTH * (Math.log10(intensity) - minX) / (maxX - minX);
    }

    private double y(double gflops) {
        return TOP + HEIGHT * (maxY - Math.log10(gflops)) / (maxY - minY);
    }

    private void grid(Markup svg) {
        for (int decade = (int) minX; decade <= maxX; decade++) {
            double at = x(Math.pow(10, decade));
            svg.add("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", at, at, TOP, TOP + HEIGHT);
            svg.add("<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", at, TOP + HEIGHT + 16, power(decade));
        }
        for (int decade = (int) minY; decade <= maxY; decade++) {
            double at = y(Math.pow(10, decade));
            svg.add("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, LEFT + WIDTH, at, at);
            svg.add("<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 6, at + 4, power(decade));
        }
        svg.add("<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">operations a byte</text>", LEFT + WIDTH / 2,
                TOP + HEIGHT + 36);
        svg.add("<text class=\"axis\" transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">GFLOP/s</text>",
                TOP + HEIGHT / 2);
    }

    private static String power(int decade) {
        return decade < 0 ? String.format(Locale.ROOT, "%." + -decade + "f", Math.pow(10, decade))
                : String.format(Locale.ROOT, "%,.0f", Math.pow(10, decade));
    }

    private void roofs(Markup svg) {
        double peak = ceilings.flops() * 1e-9;
        slope(svg, ceilings.copy() * 1e-9, peak, "roof");
        slope(svg, ceilings.read() * 1e-9, peak, "roof dashed");
        svg.add("<text class=\"note\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.0f GFLOP/s</text>", (double) LEFT + WIDTH - 4,
                y(peak) - 5, peak);
        svg.add("<text class=\"note\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">slopes: copy %.1f GB/s, read %.1f GB/s (dashed)</text>",
                (double) LEFT + WIDTH - 4, (double) TOP + HEIGHT - 6, ceilings.copy() * 1e-9, ceilings.read() * 1e-9);
    }

    /** From where the bandwidth enters the picture up to the peak, and on to the right. */
    private void slope(Markup svg, double bandwidth, double peak, String style) {
        double start = Math.max(Math.pow(10, minX), Math.pow(10, minY) / bandwidth);
        double ridge = peak / bandwidth;
        svg.add("<polyline class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>", style, x(start), y(start * bandwidth),
                x(ridge), y(peak), (double) LEFT + WIDTH, y(peak));
    }

    private void point(Markup svg, Row row, String who, String style, double radius, double intensity, double gflops) {
        svg.add("<circle class=\"%s dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s %s, %s: %s GFLOP/s</title></circle>", style,
                x(intensity), y(gflops), radius, row.name(), row.pass(), who, String.format(Locale.ROOT, "%.2f", gflops));
    }
}
