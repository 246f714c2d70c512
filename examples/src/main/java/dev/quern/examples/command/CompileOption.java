package dev.quern.examples.command;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.kernels.select.Pins;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** The options that steer how a step is compiled. */
public final class CompileOption {
    @Option(names = "--pin", paramLabel = "NODE=VARIANT",
            description = "Insist on a variant for a node or a kernel family, for example conv2=naive or gemm=tiled. May be repeated.")
    private Map<String, String> pins = new TreeMap<>();

    @Option(names = "--no-fusion", description = "Make each node a kernel of its own.")
    private boolean noFusion;

    @Option(names = "--no-fusion-at", paramLabel = "NODE", description = "Keep this node apart from others. May be repeated.")
    private List<String> apart = List.of();

    @Option(names = "--check-nan",
            description = "Stop at the first tensor with an element that is not finite, and name its node and line. Slow.")
    private boolean checkFinite;

    /** What the user asked for. */
    public CompileOptions options() {
        return CompileOptions.defaults().withFusion(!noFusion).withApart(Set.copyOf(apart)).withPins(new Pins(pins))
                .withCheckFinite(checkFinite);
    }

    /** What the user asked for if that is anything, else these. */
    CompileOptions orElse(CompileOptions others) {
        CompileOptions given = options();
        return given.equals(CompileOptions.defaults()) ? others : given;
    }
}
