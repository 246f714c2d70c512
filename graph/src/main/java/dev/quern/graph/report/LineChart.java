package dev.quern.graph.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Curves over a common axis of things that are counted (steps, epochs) as an SVG picture that needs no font, script or file. Its style classes
 * are those of reports: {@code chart}, {@code grid}, {@code tick}, {@code axis}, and {@code curve c0} to {@code curve c5} for the curves.
 */
public final class LineChart {
    /** Classes {@code c0} to {@code c5}. */
    private static final int COLOURS = 6;
    private static final int LEFT = 70;
    private static final int TOP = 14;
    private static final int WIDTH = 560;
    private static final int HEIGHT = 220;
    private static final int RIGHT = 16;
    private static final int BOTTOM = 40;
    private static final int TICKS = 5;

    /** A curve's name and its points, as many x as y. */
    private record Curve(String name, double[] x, double[] y) {
    }

    private final String title;
    private final String axis;
    private final List<Curve> curves = new ArrayList<>();

    /**
     * A chart without curves.
     *
     * @param title what is seen, for those who cannot see it
     * @param axis  what x counts
     */
    public LineChart(String title, String axis) {
        this.title = title;
        this.axis = axis;
    }

    /**
     * Adds a curve. A point whose y is not a finite number is left out.
     *
     * @throws IllegalArgumentException if there are not as many x as y
     */
    public LineChart curve(String name, double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(name + ": " + x.length + " x for " + y.length + " y");
        }
        curves.add(new Curve(name, x.clone(), y.clone()));
        return this;
    }

    /** The chart. */
    public Markup draw() {
        Range across = Range.of(curves.stream().map(Curve::x).toList());
        Range up = Range.of(curves.stream().map(Curve::y).toList());
        Markup svg = new Markup().add("<svg class=\"chart\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">",
                LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title);
        for (int i = 0; i <= TICKS; i++) {
            double part = (double) i / TICKS;
            double y = TOP + HEIGHT * (1 - part);
            svg.add("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, LEFT + WIDTH, y, y);
            svg.add("<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 6, y + 4, number(up.at(part)));
        }
        long first = (long) Math.ceil(across.least);
        long stride = Math.max(1, (long) Math.ceil((across.most - first) / TICKS));
        for (long x = first; x <= across.most; x += stride) {
            svg.add("<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>", LEFT + WIDTH * across.share(x),
                    TOP + HEIGHT + 16, x);
        }
        svg.add("<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", LEFT + WIDTH / 2, TOP + HEIGHT + 34, axis);
        for (int i = 0; i < curves.size(); i++) {
            curve(svg, curves.get(i), "c" + i % COLOURS, across, up);
        }
        return svg.add("</svg>");
    }

    /** A line, or a dot where there is only one point. */
    private static void curve(Markup svg, Curve curve, String colour, Range across, Range up) {
        List<String> points = new ArrayList<>();
        for (int i = 0; i < curve.x.length; i++) {
            if (Double.isFinite(curve.y[i])) {
                points.add(String.format(Locale.ROOT, "%.1f,%.1f", LEFT + WIDTH * across.share(curve.x[i]),
                        TOP + HEIGHT * (1 - up.share(curve.y[i]))));
            }
        }
        if (points.size() == 1) {
            String[] point = points.getFirst().split(",");
            svg.add("<circle class=\"dot %s\" cx=\"%s\" cy=\"%s\" r=\"4\"><title>%s</title></circle>", colour, point[0], point[1], curve.name);
        } else if (!points.isEmpty()) {
            svg.add("<polyline class=\"curve %s\" points=\"%s\"><title>%s</title></polyline>", colour, String.join(" ", points), curve.name);
        }
    }

    /** Four digits that count, without an exponent where it can be read so. */
    private static String number(double value) {
        double size = Math.abs(value);
        return value == 0 ? "0" : String.format(Locale.ROOT, size >= 1e6 || size < 1e-3 ? "%.1e" : size >= 1000 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f",
                value);
    }

    /** The least and the greatest finite value; around a single one, room. */
    private record Range(double least, double most) {
        static Range of(List<double[]> values) {
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (double[] each : values) {
                for (double value : each) {
                    if (Double.isFinite(value)) {
                        least = Math.min(least, value);
                        most = Math.max(most, value);
                    }
                }
            }
            if (least > most) {
                return new Range(0, 1);
            }
            return least < most ? new Range(least, most) : new Range(least - 0.5, most + 0.5);
        }

        double at(double part) {
            return least + (most - least) * part;
        }

        double share(double value) {
            return (value - least) / (most - least);
        }
    }
}
