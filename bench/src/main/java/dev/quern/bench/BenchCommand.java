package dev.quern.bench;

import dev.quern.bench.ceiling.CeilingRun;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Machine;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.peer.PeerCatalogue;
import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.report.HtmlReport;
import dev.quern.bench.result.Environment;
import dev.quern.bench.result.ResultWriter;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Glob;
import dev.quern.bench.suite.Row;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.suite.SuiteRun;
import dev.quern.bench.suite.Yardsticks;
import dev.quern.examples.command.DeviceOption;
import dev.quern.examples.command.OutputFile;
import dev.quern.examples.command.UsageException;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bench}: measures suites, prints tables and writes rows. */
@Command(name = "bench", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        subcommands = {CompareCommand.class, CeilingsCommand.class, LaunchesCommand.class, ProbeCommand.class, GatherCommand.class,
            TableCommand.class},
        description = {"Measure every variant of the suites' cases, verified first.",
            "",
            "Kernels are timed on the device's own clock, training steps and peers on the wall clock.",
            "Operands change from run to run, so that none is found in a cache.",
            ""},
        footer = {"", "Peers run in processes of their own, in turns with Quern. They are built with:",
            "  mvn -q -Ppeers -DskipTests package",
            "Peers: openblas, pytorch (through DJL), pytorch-python (where python3 has torch), clblast (the system's);",
            "on a CUDA device pytorch-cuda, pytorch-compile (torch.compile), pytorch-graph (CUDA graphs)."})
final class BenchCommand implements Callable<Integer> {
    private static final int IDLE_MILLIS = 500;
    private static final double QUIET = 0.95;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "SUITE",
            description = "Suites: gemm, conv, elementwise, train …; an unknown name lists them. all: every one.")
    private List<String> suiteNames = List.of();

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--filter", paramLabel = "GLOB",
            description = "Only cases, or case/variant pairs, like this: '512*', '*/packed_cpu'. Several: like one of them.")
    private List<String> filters = List.of();

    @Option(names = "--pass", paramLabel = "NAME", split = ",",
            description = "Only these passes: forward, backward-data, backward-weights, training, step.")
    private Set<String> passes = Set.of();

    @Option(names = "--chosen", description = "Only the variant that variant selection chooses.")
    private boolean chosen;

    @Option(names = "--more", description = "Also the suites' longer lists: whole networks, all of DeepBench.")
    private boolean more;

    @Option(names = "--peers", paramLabel = "NAME", split = ",", description = "Measure these peers too: a,b.")
    private List<String> peerNames = List.of();

    @Option(names = "--quick", description = "Measure briefly, for a first look.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file.")
    private Optional<Path> json;

    @Option(names = "--report", paramLabel = "DIR",
            description = "Write results.json and report.html, a page that needs nothing else, into this folder.")
    private Optional<Path> reportFolder;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Suite> suites = Suites.named(suiteNames);
        Optional<OutputFile> file = json.map(path -> OutputFile.require("--json", path));
        Optional<OutputFile> data = reportFolder.map(folder -> inFolder(folder, "results.json"));
        Optional<OutputFile> page = reportFolder.map(folder -> inFolder(folder, "report.html"));
        Map<String, PeerCatalogue.Found> found = findPeers();
        List<PeerProcess> peers = new ArrayList<>();
        try (Device device = deviceOption.open(out)) {
            List<Wanted> wanted = wanted(suites, device.info());
            Environment environment = Environment.of(device, home()).with("idle before", printIdleShare(out));
            Ceilings ceilings = CeilingRun.measure(device);
            CeilingsCommand.print(out, ceilings);
            startPeers(out, found, peers);
            Report report = new Report(out);
            List<Row> rows = measure(report, device, ceilings, wanted, peers);
            report.summary(rows);
            for (PeerProcess peer : peers) {
                environment = environment.with("peer " + peer.name(), peer.description());
            }
            environment = environment.with("idle after", printIdleShare(out));
            String text = ResultWriter.json(environment, Optional.of(ceilings), rows);
            file.ifPresent(target -> target.write(text));
            data.ifPresent(target -> target.write(text));
            Environment whole = environment;
            page.ifPresent(target -> {
                target.write(HtmlReport.page(whole, ceilings, rows, report.notes()));
                out.println("report: " + target.path());
            });
            return rows.stream().allMatch(row -> row.timing().isPresent()) ? 0 : 1;
        } finally {
            peers.forEach(PeerProcess::close);
        }
    }

    /** A file in a folder that is made where it does not exist. */
    private static OutputFile inFolder(Path folder, String name) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UsageException("--report " + folder + ": the folder cannot be made: " + e.getMessage());
        }
        return OutputFile.require("--report", folder.resolve(name));
    }

    private List<Row> measure(Report report, Device device, Ceilings ceilings, List<Wanted> wanted, List<PeerProcess> peers) {
        Alternation alternation = new Alternation(quick ? Schedule.quick() : Schedule.standard());
        List<Row> rows = new ArrayList<>();
        try (Yardsticks yardsticks = new Yardsticks(device, ceilings)) {
            for (Wanted one : wanted) {
                SuiteRun run = new SuiteRun(one.suite, device, Optional.of(yardsticks), alternation, peers, report::note);
                List<Row> measured = run.measure(one.benchCase, one.variants);
                report.print(measured);
                rows.addAll(measured);
            }
        }
        return rows;
    }

    /** The folder of the sources. */
    static Path home() {
        return Path.of(System.getProperty("quern.home", ""));
    }

    /** A case and those of its variants that the user wants to see. */
    private record Wanted(Suite suite, BenchCase benchCase, List<String> variants) {
    }

    private List<Wanted> wanted(List<Suite> suites, DeviceInfo device) {
        List<Glob> globs = (filters.isEmpty() ? List.of("*") : filters).stream().map(Glob::new).toList();
        List<Wanted> wanted = new ArrayList<>();
        for (Suite suite : suites) {
            for (BenchCase benchCase : more ? suite.all() : suite.cases()) {
                if (!passes.isEmpty() && !passes.contains(benchCase.pass())) {
                    continue;
                }
                List<String> variants = (chosen ? benchCase.chosen(device) : benchCase.variants(device)).stream()
                        .filter(variant -> globs.stream().anyMatch(glob -> glob.test(benchCase.name())
                                || glob.test(benchCase.name() + "/" + variant))).toList();
                if (!variants.isEmpty()) {
                    wanted.add(new Wanted(suite, benchCase, variants));
                }
            }
        }
        if (wanted.isEmpty()) {
            throw new UsageException("nothing of " + suites.stream().map(Suite::name).collect(Collectors.joining(", ")) + " on "
                    + device.id() + " is like " + globs.stream().map(Glob::text).collect(Collectors.joining(" or ")) + (passes.isEmpty() ? "" : " in " + String.join(", ", passes))
                    + "; the cases are " + suites.stream().flatMap(suite -> (more ? suite.all() : suite.cases()).stream())
                    .map(one -> one.name() + " (" + one.pass() + ")").distinct().collect(Collectors.joining(", ")));
        }
        return wanted;
    }

    private Map<String, PeerCatalogue.Found> findPeers() {
        PeerCatalogue catalogue = new PeerCatalogue(home());
        Map<String, PeerCatalogue.Found> found = new LinkedHashMap<>();
        try {
            peerNames.forEach(name -> found.put(name, catalogue.find(name)));
            return found;
        } catch (QuernException e) {
            throw new UsageException("--peers: " + e.getMessage());
        }
    }

    /** Adds a process for each peer that is there, and names those that are not. */
    private static void startPeers(PrintWriter out, Map<String, PeerCatalogue.Found> found, List<PeerProcess> peers) {
        found.forEach((name, peer) -> {
            switch (peer) {
                case PeerCatalogue.Found.Present(List<String> command) -> peers.add(PeerProcess.start(name, command));
                case PeerCatalogue.Found.Absent(String reason) -> out.println("peer " + name + ": " + reason);
            }
        });
    }

    /** Prints how idle the machine is, and returns it as a fact. */
    private static String printIdleShare(PrintWriter out) throws InterruptedException {
        OptionalDouble idle = Machine.idleShare(IDLE_MILLIS);
        if (idle.isEmpty()) {
            return "unknown";
        }
        String share = String.format(Locale.ROOT, "%.0f%%", 100 * idle.getAsDouble());
        out.println("machine " + share + " idle"
                + (idle.getAsDouble() < QUIET ? ": others are at work, do not trust these times" : ""));
        out.flush();
        return share;
    }
}
