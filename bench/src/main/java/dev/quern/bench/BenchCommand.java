package dev.quern.bench;

import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Machine;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.peer.PeerCatalogue;
import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Glob;
import dev.quern.bench.suite.Row;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.suite.SuiteRun;
import dev.quern.examples.command.DeviceOption;
import dev.quern.examples.command.OutputFile;
import dev.quern.examples.command.UsageException;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bench}: measures a suite, prints a table and writes rows. */
@Command(name = "bench", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Measure every variant of a suite's cases, verified first.",
            "",
            "Suites: gemm (cases MxNxK), conv, elementwise, train (whole training steps); all.",
            "Kernels are timed on the device's own clock, training steps and peers on the wall clock.",
            "Operands change from run to run, so that none is found in a cache.",
            ""},
        footer = {"", "Peers run in processes of their own, in turns with Quern. They are built with:",
            "  mvn -q -Ppeers -DskipTests package",
            "Peers: openblas, pytorch (through DJL), pytorch-python (where python3 has torch)."})
final class BenchCommand implements Callable<Integer> {
    private static final int IDLE_MILLIS = 500;
    private static final double QUIET = 0.95;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "SUITE", description = "Suites, or all.")
    private List<String> suiteNames = List.of();

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--filter", paramLabel = "GLOB",
            description = "Only cases, or case/variant pairs, like this: '512*', '*/packed_cpu'.")
    private Optional<String> filter;

    @Option(names = "--peers", paramLabel = "NAME", split = ",", description = "Measure these peers too: a,b.")
    private List<String> peerNames = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Write the rows to this file.")
    private Optional<Path> json;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Suite> suites = Suites.named(suiteNames);
        Optional<OutputFile> file = json.map(path -> OutputFile.require("--json", path));
        Map<String, PeerCatalogue.Found> found = findPeers();
        List<PeerProcess> peers = new ArrayList<>();
        try (Device device = deviceOption.open(out)) {
            List<Wanted> wanted = wanted(suites, device.info());
            printIdleShare(out);
            startPeers(out, found, peers);
            Report report = new Report(out);
            List<Row> rows = new ArrayList<>();
            for (Wanted one : wanted) {
                SuiteRun run = new SuiteRun(one.suite, device, new Alternation(Schedule.standard()), peers, report::note);
                List<Row> measured = run.measure(one.benchCase, one.variants);
                report.print(measured);
                rows.addAll(measured);
            }
            printIdleShare(out);
            file.ifPresent(target -> target.write(Row.json(rows)));
            return rows.stream().allMatch(row -> row.timing().isPresent()) ? 0 : 1;
        } finally {
            peers.forEach(PeerProcess::close);
        }
    }

    /** A case and those of its variants that the user wants to see. */
    private record Wanted(Suite suite, BenchCase benchCase, List<String> variants) {
    }

    private List<Wanted> wanted(List<Suite> suites, DeviceInfo device) {
        Glob glob = new Glob(filter.orElse("*"));
        List<Wanted> wanted = new ArrayList<>();
        for (Suite suite : suites) {
            for (BenchCase benchCase : suite.cases()) {
                List<String> variants = benchCase.variants(device).stream()
                        .filter(variant -> glob.test(benchCase.name()) || glob.test(benchCase.name() + "/" + variant)).toList();
                if (!variants.isEmpty()) {
                    wanted.add(new Wanted(suite, benchCase, variants));
                }
            }
        }
        if (wanted.isEmpty()) {
            throw new UsageException("nothing of " + suites.stream().map(Suite::name).collect(Collectors.joining(", ")) + " on "
                    + device.id() + " is like " + glob.text() + "; the cases are " + suites.stream()
                    .flatMap(suite -> suite.cases().stream()).map(BenchCase::name).collect(Collectors.joining(", ")));
        }
        return wanted;
    }

    private Map<String, PeerCatalogue.Found> findPeers() {
        PeerCatalogue catalogue = new PeerCatalogue(Path.of(System.getProperty("quern.home", "")));
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

    private static void printIdleShare(PrintWriter out) throws InterruptedException {
        OptionalDouble idle = Machine.idleShare(IDLE_MILLIS);
        if (idle.isPresent()) {
            out.println(String.format(Locale.ROOT, "machine %.0f%% idle%s", 100 * idle.getAsDouble(),
                    idle.getAsDouble() < QUIET ? ": others are at work, do not trust these times" : ""));
        }
    }
}
