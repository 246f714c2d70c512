package dev.quern.bench;

import dev.quern.bench.ceiling.CeilingRun;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.ladder.Ladder;
import dev.quern.bench.ladder.MachineCode;
import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.suite.Glob;
import dev.quern.bench.suite.Row;
import dev.quern.bench.suite.SuiteRun;
import dev.quern.bench.suite.Yardsticks;
import dev.quern.examples.command.DeviceOption;
import dev.quern.examples.command.OutputFile;
import dev.quern.runtime.Device;
import dev.quern.runtime.ProgramSource;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern ladder}: the rungs of a family side by side. */
@Command(name = "ladder", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Measure the rungs of a kernel family side by side on one problem, and say why each is faster.",
            "",
            "Every rung is verified first. CEILING is the share of what the device was seen to do in the same run: copying,",
            "reading or multiplying, whichever bounds the problem.",
            ""})
final class LadderCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FAMILY", description = "The family: gemm, conv2d-forward, …")
    private String family;

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--case", paramLabel = "GLOB", description = "The case, by its name in the suites: the first like this.")
    private Optional<String> caseName;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw the ladder into this file.")
    private Optional<Path> svg;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page with picture and explanations.")
    private Optional<Path> html;

    @Option(names = "--assembly", paramLabel = "FOLDER",
            description = "Write what the driver made of each rung, and count its vector instructions by their width.")
    private Optional<Path> assembly;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        FamilyCases.Found found = FamilyCases.of(family, caseName.map(Glob::new).stream().toList()).getFirst();
        Optional<OutputFile> picture = svg.map(path -> OutputFile.require("--svg", path));
        Optional<OutputFile> page = html.map(path -> OutputFile.require("--html", path));
        try (Device device = deviceOption.open(out)) {
            List<String> order = found.benchCase().variants(device.info());
            Ceilings ceilings = CeilingRun.measure(device);
            CeilingsCommand.print(out, ceilings);
            List<Row> rows;
            try (Yardsticks yardsticks = new Yardsticks(device, ceilings)) {
                rows = new SuiteRun(found.suite(), device, Optional.of(yardsticks), new Alternation(Schedule.standard()), List.of(),
                        out::println).measure(found.benchCase(), order);
            }
            Ladder ladder = new Ladder(family, order, rows);
            ladder.print(out);
            picture.ifPresent(file -> file.write(ladder.svg()));
            page.ifPresent(file -> file.write(ladder.html()));
            assembly.ifPresent(folder -> order.forEach(variant -> dump(found, device, variant, folder, out)));
            return rows.stream().allMatch(row -> row.timing().isPresent()) ? 0 : 1;
        }
    }

    private void dump(FamilyCases.Found found, Device device, String variant, Path folder, PrintWriter out) {
        List<Path> files = new ArrayList<>();
        List<ProgramSource> sources = found.benchCase().sources(device.info(), variant);
        for (int i = 0; i < sources.size(); i++) {
            String name = family + "-" + variant + (sources.size() == 1 ? "" : "-" + (i + 1));
            device.compile(sources.get(i)).binary().ifPresent(binary -> files.addAll(MachineCode.write(binary, folder, name)));
        }
        if (files.isEmpty()) {
            out.println(variant + ": no machine code to see");
        } else {
            out.println(variant + ": " + files + MachineCode.widths(files).map(widths -> "; vector instructions: " + widths)
                    .orElse(""));
        }
    }
}
