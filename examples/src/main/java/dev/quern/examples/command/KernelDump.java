package dev.quern.examples.command;

import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.report.KernelComment;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelResources;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Writes what a plan's kernels are made of and into: a few files for each program, and one table of their resources. */
final class KernelDump {
    private static final String RESOURCES = "resources.txt";
    private static final String UNKNOWN = "-";

    private KernelDump() {
    }

    /** One way to run a kernel: equal ones are one row of the table. */
    private record Use(Kernel kernel, String group, int groupSize) {
        static Use of(Launch launch) {
            Grid grid = launch.grid();
            return new Use(launch.kernel(), grid.localX() + "x" + grid.localY() + "x" + grid.localZ(), (int) grid.local());
        }
    }

    /**
     * Writes the files, named by the order in which the plan first runs their programs.
     *
     * @param folder made if it is not there
     * @throws UsageException if a file cannot be written
     */
    static void write(Plan plan, Path folder, PrintWriter out) {
        runOnZeros(plan);
        Map<Use, List<Integer>> uses = new LinkedHashMap<>();
        Map<Program, String> names = new LinkedHashMap<>();
        for (int i = 0; i < plan.boundLaunches().size(); i++) {
            Launch launch = plan.boundLaunches().get(i);
            uses.computeIfAbsent(Use.of(launch), _ -> new ArrayList<>()).add(i);
            Program program = launch.kernel().program();
            names.computeIfAbsent(program, _ -> String.format(Locale.ROOT, "%02d-%s", names.size() + 1,
                    program.source().name().replaceAll("[^A-Za-z0-9_.-]+", "-")));
        }
        try {
            Files.createDirectories(folder);
            int files = 1;
            for (Map.Entry<Program, String> each : names.entrySet()) {
                List<ProgramFile> forms = each.getKey().files();
                for (ProgramFile form : forms) {
                    Files.write(folder.resolve(each.getValue() + "." + form.extension()), content(each.getKey(), form, plan));
                }
                files += forms.size();
            }
            Files.writeString(folder.resolve(RESOURCES), table(uses, names, plan.steps()));
            out.println("wrote " + files + " files about " + names.size() + " programs to " + folder + "; " + RESOURCES
                    + " says what each kernel takes of the device");
        } catch (IOException e) {
            throw new UsageException("--dump " + folder + ": cannot be written to: " + e.getMessage());
        }
    }

    /** A source says first which regions run it; what the compiler made of it stays as it is. */
    private static byte[] content(Program program, ProgramFile form, Plan plan) {
        if (!form.extension().equals("cl") && !form.extension().equals("cu")) {
            return form.content();
        }
        return (KernelComment.of(program.source(), plan.steps()) + new String(form.content(), StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Drivers may compile as late as at the first launch. */
    private static void runOnZeros(Plan plan) {
        plan.inputs().forEach(input -> plan.input(input).fill((byte) 0));
        plan.run();
        plan.finish();
    }

    private static String table(Map<Use, List<Integer>> uses, Map<Program, String> names, List<PlanStep> steps) {
        Table table = new Table("KERNEL", "FILE", ">LAUNCHES", ">GROUP", ">REGISTERS", ">SHARED BYTES", ">PRIVATE BYTES", ">LARGEST GROUP",
                ">OCCUPANCY", "REGIONS");
        uses.forEach((use, launches) -> {
            KernelResources resources = use.kernel.resources(use.groupSize);
            table.row(use.kernel.name(), names.get(use.kernel.program()), launches.size(), use.group, text(resources.registers()),
                    text(resources.localMemory()), text(resources.privateMemory()), text(resources.maxGroup()),
                    resources.occupancy().isPresent() ? Math.round(100 * resources.occupancy().getAsDouble()) + " %" : UNKNOWN,
                    regions(launches, steps));
        });
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out);
        out.flush();
        return text.toString();
    }

    /** The regions that launches belong to, by number and name. */
    private static String regions(List<Integer> launches, List<PlanStep> steps) {
        return steps.stream().filter(step -> step.launches().stream().anyMatch(launch -> launches.contains(launch.index())))
                .map(step -> steps.indexOf(step) + 1 + " " + step.region()).collect(Collectors.joining(", "));
    }

    private static String text(OptionalLong value) {
        return value.isPresent() ? String.valueOf(value.getAsLong()) : UNKNOWN;
    }
}
