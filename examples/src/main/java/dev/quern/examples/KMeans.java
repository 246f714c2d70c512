package dev.quern.examples;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.random.RandomStream;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Groups images without looking at their labels: Lloyd's iteration ("Least squares quantization in PCM", 1982) from seeds far apart (Arthur
 * and Vassilvitskii, "k-means++", 2007). It uses Quern without a network: one plan a step, whose distances come from one matrix product,
 * {@code |x - c|^2 = |x|^2 - 2 x c^T + |c|^2}, and whose new centres stay on the device.
 */
public final class KMeans implements ExampleProgram {
    private static final int CLASSES = 10;
    private static final int MOST_STEPS = 100;

    private final int clusters;

    /** With a cluster a digit. */
    public KMeans() {
        this(CLASSES);
    }

    /**
     * With another number of clusters.
     *
     * @param clusters at least 1
     */
    KMeans(int clusters) {
        this.clusters = clusters;
    }

    @Override
    public String name() {
        return "kmeans";
    }

    @Override
    public String description() {
        return "digits grouped without their labels (Lloyd, 1982)";
    }

    @Override
    public boolean readsData() {
        return true;
    }

    @Override
    public List<Metric> run(Surroundings surroundings) {
        ImageDataset images = surroundings.data().map(Mnist::train).orElseGet(() -> SyntheticDigits.standard().train());
        int features = Math.toIntExact(images.sampleShape().elements());
        if (images.size() < clusters) {
            throw new QuernException(images.name() + ": " + images.size() + " samples cannot make " + clusters + " clusters");
        }
        HostTensor x = HostTensor.zeros(DType.F32, Shape.of(images.size(), features));
        MemorySegment labels = HostTensor.zeros(DType.I32, Shape.of(images.size())).memory();
        for (int i = 0; i < images.size(); i++) {
            images.copy(i, i, x.memory(), labels);
        }
        try (State state = State.create(surroundings.device());
                Plan plan = Compiler.compile(step(images.size(), features).build(), surroundings.device(), state,
                        CompileOptions.defaults())) {
            state.write("points", x);
            state.write("centres", seeds(x.toFloats(), images.size(), features, new RandomStream(surroundings.seed(), "kmeans", 0)));
            int[] clusterOf = new int[0];
            double inertia = Double.POSITIVE_INFINITY;
            for (int step = 1; step <= MOST_STEPS && !surroundings.stopped().getAsBoolean(); step++) {
                plan.run();
                int[] now = plan.read("cluster").toInts();
                inertia = plan.scalar("inertia");
                boolean settled = Arrays.equals(now, clusterOf);
                clusterOf = now;
                if (settled || step % 10 == 0) {
                    surroundings.out().println(String.format(Locale.ROOT, "step %3d  mean squared distance %.3f%s", step, inertia,
                            settled ? ", settled" : ""));
                }
                if (settled) {
                    break;
                }
            }
            return List.of(Metric.higher("purity", purity(clusterOf, images)), Metric.lower("inertia", inertia));
        }
    }

    /** Each point to its nearest centre, each centre to the mean of its points; a centre without points stays. */
    private GraphBuilder step(int points, int features) {
        GraphBuilder graph = new GraphBuilder("kmeans");
        Value x = graph.state("points", DType.F32, Shape.of(points, features));
        Value centres = graph.state("centres", DType.F32, Shape.of(clusters, features));
        Value product = graph.matmul(x, centres, false, true);
        Value lengths = graph.reduceSum(graph.square(centres), false, 1);
        Value distances = graph.sub(lengths, graph.mul(graph.constant(2), product));
        Value cluster = graph.argmin(distances, 1, false);
        Value members = graph.oneHot(cluster, clusters);
        Value counts = graph.reshape(graph.reduceSum(members, false, 0), clusters, 1);
        Value sums = graph.matmul(members, x, true, false);
        Value means = graph.div(sums, graph.maximum(counts, graph.constant(1)));
        Value some = graph.minimum(counts, graph.constant(1));
        graph.assign(centres, graph.add(graph.mul(some, means), graph.mul(graph.sub(graph.constant(1), some), centres)));
        Value nearest = graph.reduceSum(graph.mul(distances, members), false, 1);
        graph.output("cluster", cluster);
        graph.output("inertia", graph.reduceMean(graph.add(nearest, graph.reduceSum(graph.square(x), false, 1)), false));
        return graph;
    }

    /** Points drawn one after the other, each with a probability that grows with the square of its distance from those before. */
    private HostTensor seeds(float[] x, int points, int features, RandomStream random) {
        float[] seeds = new float[clusters * features];
        double[] distance = new double[points];
        Arrays.fill(distance, 1);
        for (int cluster = 0; cluster < clusters; cluster++) {
            double sum = Arrays.stream(distance).sum();
            double left = random.nextFloat() * sum;
            int chosen = 0;
            while (chosen < points - 1 && left >= distance[chosen]) {
                left -= distance[chosen++];
            }
            System.arraycopy(x, chosen * features, seeds, cluster * features, features);
            for (int i = 0; i < points; i++) {
                double squared = 0;
                for (int j = 0; j < features; j++) {
                    double difference = x[i * features + j] - x[chosen * features + j];
                    squared += difference * difference;
                }
                distance[i] = cluster == 0 ? squared : Math.min(distance[i], squared);
            }
        }
        return HostTensor.of(Shape.of(clusters, features), seeds);
    }

    /** The share of images whose label is the most frequent one of their cluster. */
    private double purity(int[] clusterOf, ImageDataset images) {
        int[][] counts = new int[clusters][images.classes()];
        for (int i = 0; i < clusterOf.length; i++) {
            counts[clusterOf[i]][images.label(i)]++;
        }
        return (double) Arrays.stream(counts).mapToInt(row -> Arrays.stream(row).max().orElse(0)).sum() / images.size();
    }
}
