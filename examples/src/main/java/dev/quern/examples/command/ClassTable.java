package dev.quern.examples.command;

import dev.quern.layers.train.Classification;
import dev.quern.layers.train.ClassificationMeter;
import dev.quern.layers.train.ConfusionMatrix;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Task;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Shows how well a classifier does on each class, and what it takes for what. */
final class ClassTable {
    /** A table of what was taken for what is not wider than this. */
    private static final int MOST_COLUMNS = 20;

    private ClassTable() {
    }

    static void print(PrintWriter out, Task task, Meter meter) {
        if (!(meter instanceof ClassificationMeter counted) || counted.confusion().isEmpty()) {
            throw new UsageException("--classes: " + task.name() + " does not tell a few classes apart");
        }
        ConfusionMatrix confusion = counted.confusion().get();
        List<String> names = task instanceof Classification classification ? classification.labels()
                : IntStream.range(0, confusion.classes()).mapToObj(Integer::toString).toList();
        boolean narrow = confusion.classes() <= MOST_COLUMNS;
        List<String> headings = new ArrayList<>(List.of("CLASS", ">SAMPLES", ">PRECISION", ">RECALL", ">F1"));
        if (narrow) {
            names.forEach(name -> headings.add(">as " + name));
        }
        Table table = new Table(headings.toArray(String[]::new));
        for (int label = 0; label < confusion.classes(); label++) {
            List<Object> row = new ArrayList<>(List.of(names.get(label), confusion.samples(label), share(confusion.precision(label)),
                    share(confusion.recall(label)), share(confusion.f1(label))));
            for (int taken = 0; narrow && taken < confusion.classes(); taken++) {
                row.add(confusion.count(label, taken));
            }
            table.row(row.toArray());
        }
        table.print(out);
        out.println(String.format(Locale.ROOT, "means: precision %.4f, recall %.4f, F1 %.4f; top 2 %.4f, top 5 %.4f", confusion.macroPrecision(),
                confusion.macroRecall(), confusion.macroF1(), counted.top(2), counted.top(5)));
    }

    private static String share(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
