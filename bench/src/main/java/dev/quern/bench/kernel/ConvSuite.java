package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.workload.ConvLayer;
import dev.quern.bench.workload.DeepBench;
import dev.quern.bench.workload.Networks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The suites {@code conv} and {@code depthwise}: convolutions in f32, cases named N,C,H-K,R,stride, or N,C,HxW-K,RxS,stride.
 *
 * <p>{@code conv} has twelve layers, and every other layer of AlexNet, VGG-A, GoogLeNet and ResNet-50 and row of DeepBench
 * among its further cases, named after where they are from: {@code resnet50/8,64,56-64,1,1}. The networks leave the number
 * of images open: at most eight, and no more than two cores take some ten milliseconds for. DeepBench does not, and a case
 * with fewer says so: {@code deepbench/9,64,112-128,3,1-of-16}.
 */
public final class ConvSuite {
    private static final int IMAGES = 8;
    private static final double MOST_FLOPS = 2e9;
    private static final List<ConvRow> ROWS = List.of(
            // ResNet-50: the blocks' 3x3 layers, the first layer, layers of 1x1 of which one has a stride.
            ConvRow.of(8, 64, 56, 64, 3, 1), ConvRow.of(8, 128, 28, 128, 3, 1), ConvRow.of(8, 256, 14, 256, 3, 1),
            ConvRow.of(8, 3, 224, 64, 7, 2), ConvRow.of(8, 256, 14, 1024, 1, 1), ConvRow.of(8, 64, 56, 256, 1, 1),
            ConvRow.of(4, 256, 56, 512, 1, 2),
            // AlexNet's first two, VGG-A's second, GoogLeNet's 5x5, DeepBench's 28,28,256,16,512 with 2 of its 16 images.
            ConvRow.of(8, 3, 224, 64, 11, 4), ConvRow.of(8, 64, 27, 192, 5, 1), ConvRow.of(2, 64, 112, 128, 3, 1),
            ConvRow.of(16, 16, 28, 32, 5, 1), ConvRow.of(2, 256, 28, 512, 3, 1));

    private ConvSuite() {
    }

    /** The suite {@code conv}. */
    public static Suite suite() {
        return new Suite("conv", passes(ROWS), passes(others()));
    }

    /** The suite {@code depthwise}: layers of MobileNet (Howard et al., 2017) at 224x224, and a 5x5 of its successors. */
    public static Suite depthwise() {
        List<ConvRow> rows = new ArrayList<>();
        for (int[] layer : new int[][] {{32, 112, 3, 1}, {64, 112, 3, 2}, {128, 56, 3, 1}, {256, 28, 3, 1}, {256, 28, 3, 2},
            {512, 14, 3, 1}, {1024, 7, 3, 1}, {240, 28, 5, 1}}) {
            rows.add(ConvRow.of("", IMAGES, layer[0], layer[1], layer[0], layer[2], layer[3], layer[0]));
        }
        return new Suite("depthwise", passes(rows));
    }

    private static List<BenchCase> passes(List<ConvRow> rows) {
        List<BenchCase> cases = new ArrayList<>();
        rows.forEach(row -> cases.add(row.forward()));
        // Nobody needs the gradient of the images.
        rows.stream().filter(row -> row.layer().c() > 3).forEach(row -> cases.add(row.backwardData()));
        rows.forEach(row -> cases.add(row.backwardWeights()));
        return cases;
    }

    /** The layers of networks and rows of DeepBench that are not among the twelve, each once. */
    private static List<ConvRow> others() {
        Set<ConvLayer> seen = new HashSet<>();
        ROWS.forEach(row -> seen.add(unnamed(row.layer())));
        List<ConvRow> rows = new ArrayList<>();
        for (ConvLayer layer : Networks.all()) {
            if (seen.add(unnamed(layer))) {
                rows.add(new ConvRow(layer.origin() + "/", "", layer.batch(images(layer, IMAGES)), 1));
            }
        }
        for (ConvLayer layer : DeepBench.conv()) {
            if (seen.add(unnamed(layer))) {
                int images = images(layer, layer.batch());
                String scaled = images < layer.batch() ? "-of-" + layer.batch() : "";
                rows.add(new ConvRow(layer.origin() + "/", scaled, layer.batch(images), 1));
            }
        }
        return rows;
    }

    private static int images(ConvLayer layer, int most) {
        return (int) Math.clamp((long) (MOST_FLOPS / layer.batch(1).flops()), 1, most);
    }

    /** A layer without what does not make it another one. */
    private static ConvLayer unnamed(ConvLayer layer) {
        return new ConvLayer("", "", 1, layer.c(), layer.h(), layer.w(), layer.k(), layer.r(), layer.s(), layer.padH(),
                layer.padW(), layer.strideH(), layer.strideW(), 1);
    }
}
