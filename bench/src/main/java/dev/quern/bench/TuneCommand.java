package dev.quern.bench;

import dev.quern.bench.suite.Glob;
import dev.quern.bench.tune.Search;
import dev.quern.bench.tune.TuningCase;
import dev.quern.bench.tune.TuningCase.Workbench;
import dev.quern.examples.command.DeviceOption;
import dev.quern.examples.command.UsageException;
import dev.quern.kernels.tune.DeviceKey;
import dev.quern.kernels.tune.Tuning;
import dev.quern.kernels.tune.TuningDatabase;
import dev.quern.kernels.tune.TuningEntry;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern tune}: looks for the quickest variant and parameters of a family's cases. */
@Command(name = "tune", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Find the quickest variant and parameters for the cases of a kernel family on a device, and keep them.",
            "",
            "Each candidate is verified before it is timed. What was found goes into a database after every case: interrupt",
            "when you like, and call again to go on. From then on it decides which kernels run; -Dquern.tuning=off in",
            "QUERN_JAVA_OPTS ignores it.",
            ""})
final class TuneCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FAMILY", description = "The family: gemm, conv2d-forward, …")
    private String family;

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--filter", paramLabel = "GLOB", description = "Only cases whose names are like this: '512*'.")
    private Optional<String> filter;

    @Option(names = "--cases", paramLabel = "FILE",
            description = "Only cases that a line of this file is like; what follows a # is a remark.")
    private Optional<Path> casesFile;

    @Option(names = "--budget", paramLabel = "SECONDS", defaultValue = "300",
            description = "Stop after about so long; shared evenly among the cases. By default ${DEFAULT-VALUE}.")
    private int budget;

    @Option(names = "--again", description = "Tune cases anew that have a result which still holds.")
    private boolean again;

    @Option(names = "--out", paramLabel = "FILE", description = "Keep results here instead of in the user's database.")
    private Optional<Path> out;

    @Option(names = "--for-class",
            description = "With --out: mark the results as those of the device's class (pocl-avx512, pocl-avx2), as Quern ships them.")
    private boolean forClass;

    @Override
    public Integer call() {
        PrintWriter print = spec.commandLine().getOut();
        if (budget < 1) {
            throw new UsageException("--budget " + budget + ": must be at least 1 second");
        }
        if (forClass && out.isEmpty()) {
            throw new UsageException("--for-class needs --out FILE: the user's own database is of one device");
        }
        List<TuningCase> wanted = wanted();
        try (Device device = deviceOption.open(print)) {
            DeviceInfo info = device.info();
            Path file = out.orElseGet(() -> Tuning.userFile(info));
            TuningDatabase database = open(file, key(info));
            List<TuningCase> open = new ArrayList<>();
            for (TuningCase one : wanted) {
                if (one.variants(info).isEmpty()) {
                    print.println(one.name() + ": no variant runs on " + info.id());
                } else if (!again && one.isSettled(database, info)) {
                    print.println(one.name() + ": has a result that holds (--again measures anew)");
                } else {
                    open.add(one);
                }
            }
            int kept = tune(open, device, database, file, print);
            print.println(String.format(Locale.ROOT, "%d of %d cases tuned: %s", kept, open.size(), file));
            return kept == open.size() ? 0 : 1;
        }
    }

    /** Tunes case after case, each with its share of what is left of the budget. Returns how many gave a result. */
    private int tune(List<TuningCase> cases, Device device, TuningDatabase known, Path file, PrintWriter print) {
        TuningDatabase database = known;
        long end = System.nanoTime() + (long) (budget * NANOS);
        int kept = 0;
        for (int i = 0; i < cases.size(); i++) {
            TuningCase one = cases.get(i);
            long share = (end - System.nanoTime()) / (cases.size() - i);
            long deadline = System.nanoTime() + Math.max(0, share);
            try (TrialLine line = new TrialLine(i + 1, cases.size(), one.name()); Workbench bench = one.workbench(device)) {
                Optional<Search.Outcome> found = new Search(bench.space(), bench.probe(), () -> System.nanoTime() < deadline, line::trying)
                        .run(bench.usual());
                line.close();
                if (found.isEmpty()) {
                    print.println(one.name() + ": nothing gave the right result; nothing kept");
                    continue;
                }
                TuningEntry entry = bench.entry(found.get());
                database = database.with(entry);
                database.write(file);
                kept++;
                print.println(describe(one.name(), found.get()));
            }
        }
        return kept;
    }

    private static String describe(String name, Search.Outcome outcome) {
        long refused = outcome.tried().values().stream().filter(result -> !(result instanceof
                dev.quern.bench.tune.Probe.Result.Timed)).count();
        return String.format(Locale.ROOT, "%-40s %-50s %9.4f ms, %.2f x the usual choice; %d tried%s%s", name, outcome.winner(),
                outcome.timing().median(), outcome.gain(), outcome.tried().size(), refused == 0 ? "" : ", " + refused + " refused",
                outcome.complete() ? "" : ", time was over");
    }

    private String key(DeviceInfo device) {
        if (!forClass) {
            return DeviceKey.exact(device);
        }
        return DeviceKey.shipped(device).orElseThrow(() -> new UsageException("--for-class: " + device.id() + " (" + device.name()
                + ") is of no class that Quern ships results for"));
    }

    private static TuningDatabase open(Path file, String key) {
        TuningDatabase database = TuningDatabase.read("user", file).orElse(TuningDatabase.empty("user", key));
        if (!database.device().equals(key)) {
            throw new UsageException(file + " holds the results of " + database.device() + ", not of " + key);
        }
        return database;
    }

    private List<TuningCase> wanted() {
        List<Glob> globs = new ArrayList<>();
        filter.map(Glob::new).ifPresent(globs::add);
        casesFile.ifPresent(file -> globs.addAll(read(file)));
        return FamilyCases.of(family, globs).stream().map(FamilyCases.Found::benchCase).toList();
    }

    private static List<Glob> read(Path file) {
        try {
            List<Glob> globs = Files.readAllLines(file).stream().map(line -> line.replaceAll("#.*", "").strip())
                    .filter(line -> !line.isEmpty()).map(Glob::new).toList();
            if (globs.isEmpty()) {
                throw new UsageException("--cases " + file + ": names no case");
            }
            return globs;
        } catch (IOException e) {
            throw new UsageException("--cases " + file + ": cannot be read: " + e.getMessage());
        }
    }
}
