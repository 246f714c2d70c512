package dev.quern.examples.command;

import dev.quern.graph.capsule.Bisection;
import dev.quern.graph.capsule.Bisection.Compared;
import dev.quern.graph.capsule.Bisection.Run;
import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Node;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bisect}: where two runs of a step part. */
@Command(name = "bisect", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Run two plans of one step side by side and name the first value that differs.", "",
            "The first run is FILE as it was recorded. The second is OTHER as it was recorded, or FILE compiled as the options say, "
                    + "or on another device. Without either it is FILE once more, which must come out the same.", ""},
        footer = {"", "Exit code 0 says that nothing differs, 1 that something does.",
            "For example: quern bisect step.capsule --no-fusion", "             quern bisect step.capsule --device host --tolerance 1e-5"})
final class BisectCommand implements Callable<Integer> {
    private static final int MOST_NODES = 6;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "A capsule, kept by \"quern train MODEL --capsule FILE\".")
    private Path file;

    @Parameters(index = "1", paramLabel = "OTHER", arity = "0..1", description = "Another capsule of the same graph.")
    private Optional<Path> other;

    @Mixin
    private CompileOption compileOption;

    @Option(names = "--device", paramLabel = "ID", description = "Where the second run is. By default where it was recorded.")
    private Optional<String> device;

    @Option(names = "--first-device", paramLabel = "ID", description = "Where the first run is. By default where it was recorded.")
    private Optional<String> firstDevice;

    @Option(names = "--tolerance", paramLabel = "X", defaultValue = "0",
            description = "The relative difference (root mean square) up to which values pass. By default none: every bit counts.")
    private double tolerance;

    @Option(names = "--all", description = "Show every value that both runs store.")
    private boolean all;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Tolerance.require(tolerance);
        CompileOptions given = compileOption.options();
        boolean changed = !given.equals(CompileOptions.defaults());
        if (other.isPresent() && changed) {
            throw new UsageException("two capsules are run as they were recorded: give either OTHER or options to compile FILE with");
        }
        Capsule one = Capsule.read(file);
        Capsule second = other.map(Capsule::read).orElse(one);
        ReplayCommand.print(out, file, one);
        other.ifPresent(path -> ReplayCommand.print(out, path, second));
        String firstId = firstDevice.orElse(one.made().device());
        String secondId = device.orElse(second.made().device());
        CompileOptions options = compileOption.orElse(second.options());
        try (Device left = DeviceOption.open(firstId, out)) {
            if (firstId.equals(secondId)) {
                return report(out, Bisection.of(new Run(one, left, one.options()), new Run(second, left, options)));
            }
            try (Device right = DeviceOption.open(secondId, out)) {
                return report(out, Bisection.of(new Run(one, left, one.options()), new Run(second, right, options)));
            }
        }
    }

    private int report(PrintWriter out, Bisection bisection) {
        bisection.leaves().forEach(leaf -> out.println("before the step " + leaf.name() + " differs: " + leaf.difference()));
        if (all) {
            Table table = new Table("VALUE", "TYPE", "DIFFERENCE");
            bisection.compared().forEach(each -> table.row(each.value().name(), each.value().type(), each.difference()));
            table.print(out);
        }
        long different = bisection.different(tolerance);
        out.println("plans " + bisection.firstHash() + " and " + bisection.secondHash() + ": " + bisection.compared().size()
                + " values that both store, " + (bisection.compared().size() - different) + " of them "
                + (tolerance == 0 ? "bitwise equal" : "within " + tolerance) + ", " + different + " not; " + bisection.apart()
                + " that only one stores");
        bisection.first(tolerance).ifPresent(first -> print(out, first, bisection.hidden().get(first)));
        out.flush();
        return different == 0 && bisection.leaves().isEmpty() ? 0 : 1;
    }

    private static void print(PrintWriter out, Compared first, List<Node> hidden) {
        Node node = first.value().node();
        out.println("first different: " + first.value().name() + " " + node.op().label() + " (" + node.source() + ") "
                + first.value().type());
        out.println("  difference " + first.difference() + position(first));
        print(out, "first     ", first.first());
        print(out, "second    ", first.second());
        out.println(hidden.isEmpty() ? "  everything that it is computed from is equal"
                : "  or one of these before it, which lie within a kernel of one of the two (--no-fusion-at NODE stores one): "
                        + hidden.stream().limit(MOST_NODES).map(Node::place).collect(Collectors.joining(", "))
                        + (hidden.size() > MOST_NODES ? " and " + (hidden.size() - MOST_NODES) + " more" : ""));
    }

    private static String position(Compared first) {
        int[] extents = first.value().shape().toArray();
        long rest = first.difference().index();
        String text = "";
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            text = rest % extents[axis] + (text.isEmpty() ? "" : ", " + text);
            rest /= extents[axis];
        }
        return " [" + text + "], " + first.difference().count() + " of " + first.value().shape().elements() + " elements differ";
    }

    private static void print(PrintWriter out, String which, PlanStep region) {
        out.println("  " + which + " region " + region.region() + ": " + region.family() + "/" + region.variant()
                + (region.parameters().values().isEmpty() ? "" : " " + region.parameters()) + ", nodes "
                + region.nodes().stream().map(PlanStep.PlanNode::name).collect(Collectors.joining(", ")));
    }
}
