package dev.quern.examples;

import dev.quern.layers.data.CsvTable;
import dev.quern.layers.data.NumberTable;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Model;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.random.RandomStream;
import dev.quern.layers.train.Regression;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.nio.file.Path;

/**
 * A weighted sum of features, fitted by least squares. Its built-in data are drawn from known weights, {@code y = 2 a - 3.4 b + 4.2}, with
 * noise of deviation 0.01, so that one can see whether training finds them.
 */
public final class LinearRegression implements ExampleModel {
    /** The weights behind the built-in data, the bias last. */
    static final double[] KNOWN = {2, -3.4, 4.2};
    private static final double NOISE = 0.01;

    @Override
    public String name() {
        return "linear-regression";
    }

    @Override
    public String description() {
        return "a weighted sum fitted by least squares";
    }

    @Override
    public Task task() {
        return task(2);
    }

    @Override
    public Task task(Split<? extends Samples> data) {
        return task(data.train().feeds().getFirst().sampleShape().extent(0));
    }

    private Task task(int features) {
        return new Regression(new Model(name(), Shape.of(features), 1, Dense.of(features, 1)));
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(10).batch(10).learningRate(0.03).schedule(Schedule.cosine(0)).optimizer(Sgd.plain());
    }

    @Override
    public Split<NumberTable> builtInData() {
        return new Split<>(draw("training", 1000), draw("test", 200));
    }

    private static NumberTable draw(String part, int samples) {
        RandomStream random = new RandomStream(0, "linear regression " + part, 0);
        double[][] rows = new double[samples][];
        for (int i = 0; i < samples; i++) {
            double a = random.normal();
            double b = random.normal();
            rows[i] = new double[] {a, b, KNOWN[0] * a + KNOWN[1] * b + KNOWN[2] + NOISE * random.normal()};
        }
        return new NumberTable("generated " + part + " rows", rows);
    }

    /** A file of comma-separated values; see {@link CsvTable}. */
    @Override
    public Split<NumberTable> data(Path file) {
        return CsvTable.read(file);
    }
}
