package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.examples.report.TrainingHistory;
import dev.quern.examples.report.TrainingReport;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.CsvLog;
import dev.quern.layers.train.Metric;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code quern train}: trains an example model, shows how it goes, and keeps what comes of it. */
@Command(name = "train", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Train a model. Without options: on built-in data, on the best device, as the model's authors would.",
        footer = {"", "The same seed on the same device gives the same losses and the same checkpoint, bit for bit.",
            "Ctrl-C ends training after the step at hand; a checkpoint is always whole."})
final class TrainCommand implements Callable<Integer> {
    private static final List<String> PROGRAM_OPTIONS = List.of("--data", "--device", "--no-graph", "--seed", "--json", "--debug", "--stacktrace");

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Mixin
    private ModelParameter modelParameter;

    @Mixin
    private DataOption dataOption;

    @Mixin
    private DeviceOption deviceOption;

    @Mixin
    private CompileOption compileOption;

    @Mixin
    private RegularisationOption regularisationOption;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes through the data. By default the model's: lenet 15.")
    private Optional<Integer> epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Samples a step. By default the model's: lenet 64.")
    private Optional<Integer> batch;

    @Option(names = "--lr", paramLabel = "X", description = "The base learning rate. By default the model's.")
    private Optional<Double> learningRate;

    @Option(names = "--seed", paramLabel = "N", description = "Decides initial weights and the order of samples. By default 1.")
    private Optional<Long> seed;

    @Option(names = "--limit", paramLabel = "N", description = "Use only the first N training samples.")
    private Optional<Integer> limit;

    @Option(names = "--test-limit", paramLabel = "N", description = "Use only the first N test samples.")
    private Optional<Integer> testLimit;

    @Option(names = "--save", paramLabel = "FILE", description = "Keep a checkpoint (safetensors) here, written after every epoch.")
    private Optional<Path> save;

    @Option(names = "--save-best", paramLabel = "FILE", description = "Keep the checkpoint of the best epoch here.")
    private Optional<Path> saveBest;

    @Option(names = "--patience", paramLabel = "N", description = "End after N epochs in a row that were not the best so far.")
    private Optional<Integer> patience;

    @Option(names = "--log", paramLabel = "FILE", description = "Write a line of comma-separated values an epoch to this file.")
    private Optional<Path> log;

    @Option(names = "--pictures", paramLabel = "DIR", description = "Write what the model draws as PNG files into this folder after every "
            + "epoch (vae, gan).")
    private Optional<Path> pictures;

    @Option(names = "--report", paramLabel = "DIR", description = "Write report.html into this folder at the end: one page with curves, what was "
            + "taken for what, samples, and where the time of a step went.")
    private Optional<Path> page;

    @Option(names = "--resume", paramLabel = "FILE", description = "Go on from this checkpoint as if training had never stopped.")
    private Optional<Path> resume;

    @Option(names = "--capsule", paramLabel = "FILE",
            description = "Keep one step here with everything that it depends on, for \"quern replay\" and \"quern bisect\".")
    private Optional<Path> capsule;

    @Option(names = "--capsule-step", paramLabel = "N", description = "Which step to keep, from 1. By default the first that is run.")
    private Optional<Long> capsuleStep;

    @Option(names = "--json", paramLabel = "FILE", description = "Write losses, times and accuracy to this file at the end.")
    private Optional<Path> json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Optional<ExampleProgram> program = modelParameter.program();
        if (program.isPresent()) {
            return run(program.get(), out);
        }
        ExampleModel model = modelParameter.model();
        TrainOptions options = options(model.recipe());
        limit.ifPresent(samples -> requirePositive("--limit", samples));
        testLimit.ifPresent(samples -> requirePositive("--test-limit", samples));
        Optional<OutputFile> report = json.map(path -> OutputFile.require("--json", path));
        save.ifPresent(path -> OutputFile.requireRegular("--save", path));
        Optional<OutputFile> kept = capsule.map(path -> OutputFile.require("--capsule", path));
        if (capsuleStep.isPresent() && kept.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--capsule-step " + capsuleStep.get() + ": needs --capsule FILE");
        }
        saveBest.ifPresent(path -> OutputFile.requireRegular("--save-best", path));
        log.ifPresent(path -> OutputFile.requireRegular("--log", path));
        Optional<OutputFile> pageFile = page.map(folder -> OutputFile.within("--report", folder, "report.html"));
        Split<? extends Samples> all = dataOption.read(model);
        Task task = model.task(all);
        Split<? extends Samples> fewer = limit.isPresent() ? all.limit(limit.get()) : all;
        Split<? extends Samples> data = testLimit.isPresent() ? fewer.limitTest(testLimit.get()) : fewer;
        try (Device device = deviceOption.open(out); Trainer trainer = new Trainer(task, data, device, options)) {
            out.println(String.format(Locale.ROOT, "%s: %,d parameters, batch %d, %,d samples: %s", model.name(),
                    trainer.parameterCount(), options.batch(), data.train().size(), data.train().name()));
            resume.ifPresent(trainer::resume);
            kept.ifPresent(file -> trainer.keepStep(capsuleStep.orElse(trainer.stepsDone() + 1), step -> {
                file.write(step::writeTo);
                out.println("kept " + step.note() + " in " + file.path());
            }));
            log.ifPresent(path -> trainer.listen(CsvLog.to(path)));
            pictures.ifPresent(folder -> trainer.listen(PictureFolder.of(folder, model, trainer.state(), data.test())));
            TrainingHistory history = new TrainingHistory();
            pageFile.ifPresent(_ -> trainer.listen(history));
            TrainingResult result = train(trainer, out);
            pageFile.ifPresent(file -> file.write(new TrainingReport(model, task, data, options, device.info(), history).page(trainer, result)));
            if (result.interrupted()) {
                spec.commandLine().getErr().println("quern: interrupted after " + result.stepLosses().length + " steps; "
                        + save.map(path -> path + " holds them: go on with --resume " + path)
                                .orElse("nothing was saved (--save FILE would have)"));
                return 1;
            }
            out.println(String.format(Locale.ROOT, "test %s (%,d samples), median step %.3f ms", Measures.all(result.test()),
                    result.test().samples(), result.stepMsMedian()));
            result.best().filter(_ -> saveBest.isPresent() || result.outOfPatience()).ifPresent(best -> out.println(String.format(Locale.ROOT,
                    "%sbest %s %.4f after epoch %d%s", result.outOfPatience() ? "out of patience; " : "", result.test().headline().name(),
                    best.value(), best.epoch(), saveBest.map(path -> ", saved " + path).orElse(""))));
            save.ifPresent(path -> out.println("saved " + path));
            pageFile.ifPresent(file -> out.println("report " + file.path()));
            report.ifPresent(file -> file.write(report(model, device.info(), options, result).json()));
            return 0;
        }
    }

    /** A program takes the data, the device, the seed and the result's file; what else there is means nothing to it. */
    private int run(ExampleProgram program, PrintWriter out) {
        List<String> allowed = PROGRAM_OPTIONS.stream().filter(option -> program.readsData() || !option.equals("--data")).toList();
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!allowed.contains(option.longestName())) {
                throw new UsageException(program.name() + " has a loop of its own: " + option.longestName() + " means nothing to it, only "
                        + String.join(", ", allowed) + " do");
            }
        }
        Optional<OutputFile> report = json.map(path -> OutputFile.require("--json", path));
        AtomicBoolean stopping = new AtomicBoolean();
        try (Device device = deviceOption.open(out)) {
            main.interrupts().hold(() -> stopping.set(true));
            List<Metric> metrics = program.run(new ExampleProgram.Surroundings(device, seed.orElse(1L), dataOption.folder(), out, stopping::get));
            out.println(program.name() + ": " + metrics.stream().map(Measures::text).collect(Collectors.joining(", ")));
            if (stopping.get()) {
                spec.commandLine().getErr().println("quern: interrupted");
                return 1;
            }
            report.ifPresent(file -> file.write(TrainReport.ofProgram(program.name(), device.info(), seed.orElse(1L), metrics).json()));
            return 0;
        } finally {
            main.interrupts().release();
        }
    }

    private TrainOptions options(TrainOptions recipe) {
        TrainOptions options = recipe.epochs(positive("--epochs", epochs, recipe.epochs()))
                .batch(positive("--batch", batch, recipe.batch()))
                .learningRate(learningRate.map(this::requireRate).orElse(recipe.learningRate()))
                .seed(seed.orElse(recipe.seed()))
                .optimizer(regularisationOption.around(recipe.optimizer()))
                .compile(compileOption.options());
        options = save.map(options::checkpoint).orElse(options);
        options = saveBest.map(options::best).orElse(options);
        return patience.isPresent() ? options.patience(requirePositive("--patience", patience.get())) : options;
    }

    private int positive(String option, Optional<Integer> value, int otherwise) {
        return value.map(given -> requirePositive(option, given)).orElse(otherwise);
    }

    private int requirePositive(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + " " + value + ": must be at least 1");
        }
        return value;
    }

    private double requireRate(double rate) {
        if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new ParameterException(spec.commandLine(), "--lr " + rate + ": must be a number above 0");
        }
        return rate;
    }

    /** Trains under the eyes of the user, who may interrupt. */
    private TrainingResult train(Trainer trainer, PrintWriter out) {
        try (Watcher watcher = new Watcher(out)) {
            trainer.listen(watcher::on);
            main.interrupts().hold(trainer::stop);
            return trainer.train();
        } finally {
            main.interrupts().release();
        }
    }

    /** Turns events into a view, which is made once the number of steps is known. */
    private static final class Watcher implements AutoCloseable {
        private final PrintWriter out;
        private TrainingView view;
        private TrainingEvent.Epoch epoch = new TrainingEvent.Epoch(0, new LinkedHashMap<>(), 0, 0);

        Watcher(PrintWriter out) {
            this.out = out;
            this.view = new TrainingView(out, false, 1, 1);
        }

        void on(TrainingEvent event) {
            switch (event) {
                case TrainingEvent.Started started -> view = new TrainingView(out, Terminal.isWatched(),
                        started.epochs(), started.stepsPerEpoch());
                case TrainingEvent.Step step -> view.step(step.epoch(), step.stepInEpoch(), step.loss());
                case TrainingEvent.Epoch done -> epoch = done;
                case TrainingEvent.Evaluated evaluated -> view.epochEnds(epoch, evaluated.evaluation());
                case TrainingEvent.Saved _ -> {
                    // Said once, at the end.
                }
            }
        }

        @Override
        public void close() {
            view.close();
        }
    }

    private static TrainReport report(ExampleModel model, DeviceInfo device, TrainOptions options, TrainingResult result) {
        return new TrainReport(model.name(), device.id(), device.name(), options.seed(), options.batch(),
                result.parameters(), result.epochs(), result.stepLosses(), result.test().metrics(), result.stepMsMedian());
    }
}
