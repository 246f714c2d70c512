package dev.quern.bench;

import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.result.Comparison;
import dev.quern.bench.train.TrainingStep;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.command.StepOption;
import dev.quern.examples.command.UsageException;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.plan.Explanation;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern whatif}: what a decision is worth in a whole training step. */
@Command(name = "whatif", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Time a model's training step as it is and with a decision changed, in turns, and say what that is worth.",
            "",
            "Both steps are checked against the references first.",
            "For example: quern whatif lenet --pin conv2=im2col_gemm", ""})
final class WhatIfCommand implements Callable<Integer> {
    /** The largest relative error of losses and state after two steps, as golden cases allow after several. */
    private static final double TOLERANCE = 1e-4;

    private static final int FEWEST_STEPS = 9;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StepOption stepOption;

    @Option(names = "--quick", description = "Measure briefly, for a first look.")
    private boolean quick;

    @Option(names = "--threshold", paramLabel = "SHARE", defaultValue = "0.02",
            description = "Which relative difference is of no interest. By default ${DEFAULT-VALUE}.")
    private double threshold;

    @Option(names = "--confidence", paramLabel = "SHARE", defaultValue = "0.95",
            description = "Of the interval. By default ${DEFAULT-VALUE}.")
    private double confidence;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = stepOption.model();
        int samples = stepOption.samples();
        if (!(threshold >= 0 && threshold < 1 && confidence > 0 && confidence < 1)) {
            throw new UsageException("--threshold must be in [0, 1) and --confidence in (0, 1)");
        }
        CompileOptions changed = stepOption.compile();
        if (changed.equals(CompileOptions.defaults())) {
            throw new UsageException("nothing is changed: give --pin NODE=VARIANT, --no-fusion or --no-fusion-at NODE");
        }
        try (Device device = stepOption.open(out);
                TrainingStep before = TrainingStep.compile(model, model.recipe(), samples, device, CompileOptions.defaults());
                TrainingStep after = TrainingStep.compile(model, model.recipe(), samples, device, changed)) {
            double error = Math.max(before.errorOfTwoSteps(), after.errorOfTwoSteps());
            // Written so that NaN fails.
            if (!(error <= TOLERANCE)) {
                out.println(String.format(Locale.ROOT, "wrong: relative error %.1e against the references; not timed", error));
                return 1;
            }
            printDifference(out, before.explanation(), after.explanation());
            List<Timing> timings = new Alternation(quick ? Schedule.quick() : Schedule.standard()).time(List.of(before, after));
            Timing first = enough(before, timings.getFirst());
            Timing second = enough(after, timings.getLast());
            print(out, "as it is", first);
            print(out, "changed", second);
            Comparison comparison = Comparison.of(first.samples(), second.samples(), threshold, confidence);
            out.println(String.format(Locale.ROOT, "%s: %.3f times as long, %.0f%% interval %.3f to %.3f", comparison.verdict(),
                    comparison.ratio(), 100 * confidence, comparison.interval().low(), comparison.interval().high()));
            out.flush();
            return 0;
        }
    }

    /** Who is far behind was timed once or twice, which says nothing about noise. */
    private static Timing enough(TrainingStep step, Timing timing) {
        return timing.runs() >= FEWEST_STEPS ? timing : Timing.of(step.block(0, FEWEST_STEPS));
    }

    private static void print(PrintWriter out, String name, Timing timing) {
        out.println(String.format(Locale.ROOT, "%-8s  median %.3f ms, least %.3f ms, %d steps", name, timing.median(), timing.min(),
                timing.runs()));
        out.flush();
    }

    /** The regions that one plan has and the other has not. */
    private static void printDifference(PrintWriter out, Explanation before, Explanation after) {
        Map<String, String> old = regions(before);
        Map<String, String> current = regions(after);
        old.forEach((region, kernel) -> {
            if (!kernel.equals(current.get(region))) {
                out.println("- " + region + ": " + kernel);
            }
        });
        current.forEach((region, kernel) -> {
            if (!kernel.equals(old.get(region))) {
                out.println("+ " + region + ": " + kernel);
            }
        });
        out.flush();
    }

    private static Map<String, String> regions(Explanation explanation) {
        Map<String, String> regions = new LinkedHashMap<>();
        explanation.regions().forEach(region -> regions.put(region.step().region(), region.step().problem() + " by "
                + region.step().variant() + (region.epilogue().isEmpty() ? "" : ", then " + region.epilogue())));
        return regions;
    }
}
