package dev.quern.examples.report;

import dev.quern.examples.Picture;
import dev.quern.graph.report.LineChart;
import dev.quern.graph.report.Markup;
import dev.quern.layers.train.ConfusionMatrix;
import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.Metric;
import dev.quern.layers.train.TrainingEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/** A training run as one HTML page with everything in it: no other file, no network, no script. */
public final class TrainingPage {
    /** A curve of more points is drawn by means of steps that follow each other. */
    static final int MOST_POINTS = 1000;
    /** A table of what was taken for what is not wider than this. */
    private static final int MOST_CLASSES = 30;
    private static final String STYLE = """
            body { font: 14px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222; background: #fff; }
            table { border-collapse: collapse; } td, th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
            td.n, th.n { text-align: right; padding: 2px 6px; } .wide { overflow-x: auto; } p.note { color: #666; }
            svg text { font: 11px sans-serif; fill: #555; } .grid { stroke: #ddd; } .curve { fill: none; stroke-width: 1.5; }
            .c0 { stroke: #0072b2; color: #0072b2; } .c1 { stroke: #e69f00; } .c2 { stroke: #009e73; } .c3 { stroke: #cc79a7; }
            .c4 { stroke: #d55e00; } .c5 { stroke: #7a6ff0; } .dot { fill: #fff; stroke-width: 2; }
            .samples figure { display: inline-block; margin: 4px 8px 8px 0; text-align: center; } .samples img { width: 84px; image-rendering: pixelated; }
            .wrong { color: #b3420a; }
            """;

    private final TrainingHistory history;
    private final Markup page = new Markup();

    private TrainingPage(TrainingHistory history) {
        this.history = history;
    }

    /** Begins a page: the outcome and the curves. */
    public static TrainingPage of(String title, String outcome, TrainingHistory history) {
        TrainingPage whole = new TrainingPage(history);
        whole.page.add("<!DOCTYPE html>").add("<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>%s</title><style>", title)
                .add(STYLE.replace("%", "%%")).add("</style></head><body>").add("<h1>%s</h1><p>%s</p>", title, outcome);
        whole.losses();
        whole.metrics();
        whole.times();
        return whole;
    }

    private void losses() {
        List<TrainingEvent.Step> steps = history.steps();
        page.add("<h2>Loss</h2>");
        if (steps.isEmpty()) {
            page.add("<p>No step was run.</p>");
            return;
        }
        int bucket = Math.ceilDiv(steps.size(), MOST_POINTS);
        int points = Math.ceilDiv(steps.size(), bucket);
        double[] x = new double[points];
        double[] y = new double[points];
        for (int i = 0; i < points; i++) {
            List<TrainingEvent.Step> part = steps.subList(i * bucket, Math.min(steps.size(), (i + 1) * bucket));
            x[i] = part.getLast().step();
            y[i] = part.stream().mapToDouble(TrainingEvent.Step::loss).average().orElseThrow();
        }
        page.add(new LineChart("loss of each step", "step").curve("loss", x, y).draw());
        page.add("<p class=\"note\">%s, before its update.</p>", bucket == 1 ? "The loss of each step's batch"
                : "The mean loss of " + bucket + " steps at a time");
        double[] epochs = epochs();
        if (!history.epochs().isEmpty() && history.epochs().getFirst().losses().size() > 1) {
            history.epochs().getFirst().losses().keySet().forEach(name -> chart(name + ", mean of each epoch", epochs,
                    history.epochs().stream().mapToDouble(epoch -> epoch.losses().get(name)).toArray()));
        }
    }

    private double[] epochs() {
        return history.epochs().stream().mapToDouble(TrainingEvent.Epoch::epoch).toArray();
    }

    private void chart(String name, double[] x, double[] y) {
        page.add("<h3>%s</h3>", name).add(new LineChart(name, "epoch").curve(name, x, y).draw());
    }

    private void metrics() {
        List<Evaluation> evaluations = history.evaluations();
        if (evaluations.isEmpty()) {
            return;
        }
        page.add("<h2>Test data after each epoch</h2>");
        double[] x = Arrays.copyOf(epochs(), evaluations.size());
        for (Metric metric : evaluations.getFirst().metrics()) {
            chart("test " + metric.name(), x, evaluations.stream().mapToDouble(each -> each.metric(metric.name())).toArray());
        }
    }

    private void times() {
        if (history.steps().isEmpty()) {
            return;
        }
        page.add("<h2>Time of a step</h2><table><tr><th>part</th><th class=\"n\">share</th><th class=\"n\">least</th><th class=\"n\">median</th>"
                + "<th class=\"n\">9 of 10 below</th><th class=\"n\">most</th></tr>");
        // The first step warms caches; it counts only where there is no other.
        List<TrainingEvent.Step> steps = history.steps().size() == 1 ? history.steps() : history.steps().subList(1, history.steps().size());
        double all = steps.stream().mapToLong(TrainingEvent.Step::nanoseconds).sum();
        time("filling the batch and handing it over", steps, TrainingEvent.Step::feeding, all);
        time("launching (computing, where launches do not return before)", steps, TrainingEvent.Step::launching, all);
        time("waiting for the loss", steps, TrainingEvent.Step::waiting, all);
        time("the whole step", steps, TrainingEvent.Step::nanoseconds, all);
        page.add("</table><p class=\"note\">Milliseconds of %d steps; the run's first is left out where there are others.</p>", steps.size());
    }

    private void time(String name, List<TrainingEvent.Step> steps, ToLongFunction<TrainingEvent.Step> part, double all) {
        long[] sorted = steps.stream().mapToLong(part).sorted().toArray();
        page.add("<tr><td>%s</td><td class=\"n\">%.1f %%</td><td class=\"n\">%.3f</td><td class=\"n\">%.3f</td><td class=\"n\">%.3f</td>"
                + "<td class=\"n\">%.3f</td></tr>", name, 100 * Arrays.stream(sorted).sum() / all, sorted[0] * 1e-6, sorted[sorted.length / 2] * 1e-6,
                sorted[(int) (0.9 * (sorted.length - 1))] * 1e-6, sorted[sorted.length - 1] * 1e-6);
    }

    /**
     * Adds what a classifier takes for what.
     *
     * @param labels the classes' names, by label
     */
    public TrainingPage classes(PredictionMeter meter, List<String> labels) {
        meter.counted().confusion().ifPresent(confusion -> {
            page.add("<h2>Classes</h2>");
            if (confusion.classes() <= MOST_CLASSES) {
                matrix(confusion, labels);
            }
            page.add("<p>Means over classes: precision %.4f, recall %.4f, F1 %.4f.</p>", confusion.macroPrecision(), confusion.macroRecall(),
                    confusion.macroF1());
        });
        return this;
    }

    private void matrix(ConfusionMatrix confusion, List<String> labels) {
        page.add("<div class=\"wide\"><table id=\"confusion\"><tr><th>is, taken for</th>");
        labels.forEach(label -> page.add("<th class=\"n\">%s</th>", label));
        page.add("<th class=\"n\">recall</th></tr>");
        for (int actual = 0; actual < confusion.classes(); actual++) {
            page.add("<tr><th>%s</th>", labels.get(actual));
            for (int taken = 0; taken < confusion.classes(); taken++) {
                double share = (double) confusion.count(actual, taken) / Math.max(1, confusion.samples(actual));
                page.add("<td class=\"n\" style=\"background: rgba(%s, %.2f)\">%d</td>", actual == taken ? "0, 114, 178" : "213, 94, 0",
                        share == 0 ? 0 : 0.1 + 0.5 * share, confusion.count(actual, taken));
            }
            page.add("<td class=\"n\">%.4f</td></tr>", confusion.recall(actual));
        }
        page.add("</table></div>");
    }

    /** Adds a few samples with what was said of them. */
    TrainingPage predictions(PredictionMeter meter, List<String> labels, SamplePictures pictures) {
        predictions("The first test samples", meter.first(), labels, pictures);
        predictions("The mistakes that it was surest of", meter.mistakes(), labels, pictures);
        return this;
    }

    private void predictions(String heading, List<PredictionMeter.Prediction> predictions, List<String> labels, SamplePictures pictures) {
        if (predictions.isEmpty()) {
            return;
        }
        page.add("<h2>%s</h2><div class=\"samples\">", heading);
        for (PredictionMeter.Prediction one : predictions) {
            boolean right = one.label() == one.predicted();
            page.add("<figure><img alt=\"%s\" src=\"%s\"/><figcaption class=\"%s\">%s<br/>%s</figcaption></figure>", labels.get(one.label()),
                    pictures.address(one.sample()), right ? "right" : "wrong", String.format(Locale.ROOT, "%s, %.1f %%",
                            labels.get(one.predicted()), 100 * one.probability()), right ? "right" : "is " + labels.get(one.label()));
        }
        page.add("</div>");
    }

    /** Adds what the model draws. */
    public TrainingPage pictures(List<Picture> pictures) {
        for (Picture picture : pictures) {
            page.add("<h2>%s</h2><p><img alt=\"%s\" src=\"%s\"/></p>", picture.title(), picture.name(), SamplePictures.address(picture));
        }
        return this;
    }

    /** Adds a table of names and values. */
    public TrainingPage facts(String heading, SequencedMap<String, String> facts) {
        page.add("<h2>%s</h2><table>", heading);
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            page.add("<tr><th>%s</th><td>%s</td></tr>", fact.getKey(), fact.getValue());
        }
        page.add("</table>");
        return this;
    }

    /** The whole page. */
    public String html() {
        return page + "</body></html>\n";
    }
}
