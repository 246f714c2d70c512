package dev.quern.graph.golden;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.Closeness;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares graphs with what PyTorch computed in float64, forwards and backwards. Tests of other modules use it too. */
public final class GoldenComparison {
    private final GoldenOps ops = new GoldenOps();

    /**
     * Compares one case on a device.
     *
     * @return what differs; nothing at all if the case's op is unknown here
     */
    public Optional<List<String>> compare(Path file, Device device) {
        List<String> failures = new ArrayList<>();
        boolean known = compare(GoldenCase.read(file), graph -> GraphRunner.on(device, graph, CompileOptions.defaults()),
                failures);
        return known ? Optional.of(failures) : Optional.empty();
    }

    /** Whether the case's op is known; what differs is added to the failures. */
    boolean compare(GoldenCase golden, GraphRunner.Factory runners, List<String> failures) {
        try {
            if (golden.op().equals("optimizer")) {
                new GoldenOptimizers(golden, runners).compare(failures);
                return true;
            }
            if (golden.op().equals("train") && "lenet_sgd_momentum".equals(golden.attrs().get("model"))) {
                new GoldenLeNet(golden, runners).compare(failures);
                return true;
            }
            GoldenOps.Build build = ops.find(golden.op());
            if (build == null) {
                return false;
            }
            compare(golden, build, runners, failures);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        } catch (RuntimeException e) {
            failures.add(golden.name() + ": " + e);
            return true;
        }
    }

    private static void compare(GoldenCase golden, GoldenOps.Build build, GraphRunner.Factory runners,
            List<String> failures) {
        GraphBuilder g = new GraphBuilder(golden.name());
        Map<String, Value> in = new LinkedHashMap<>();
        for (String name : golden.names("in.")) {
            HostTensor tensor = golden.tensor("in." + name);
            in.put(name, tensor.dtype() == DType.F32 ? g.parameter(name, DType.F32, tensor.shape())
                    : g.input(name, tensor.dtype(), tensor.shape()));
        }
        Map<String, Value> out = build.emit(g, golden, in);
        Map<Value, Value> upstream = new LinkedHashMap<>();
        for (String name : golden.names("gradout.")) {
            upstream.put(out.get(name), g.input("gradout." + name, DType.F32, golden.tensor("gradout." + name).shape()));
        }
        List<String> wanted = golden.names("grad.");
        List<Value> gradients = wanted.isEmpty() ? List.of()
                : Gradients.of(g, upstream, wanted.stream().map(in::get).toList());
        golden.names("out.").forEach(name -> g.output("out." + name, out.get(name)));
        for (int i = 0; i < wanted.size(); i++) {
            g.output("grad." + wanted.get(i), gradients.get(i));
        }
        Graph graph = g.build();
        try (GraphRunner runner = runners.of(graph)) {
            for (String name : golden.names("in.")) {
                if (golden.tensor("in." + name).dtype() == DType.F32) {
                    runner.write(name, golden.tensor("in." + name));
                } else {
                    runner.set(name, golden.tensor("in." + name));
                }
            }
            golden.names("gradout.").forEach(name -> runner.set("gradout." + name, golden.tensor("gradout." + name)));
            runner.run();
            for (String output : graph.outputs().keySet()) {
                double tolerance = output.startsWith("grad.") || sums(golden, output) > 1000 ? 1e-4 : 1e-5;
                Closeness.difference(runner.output(output), golden.tensor(output), tolerance, 1e-6)
                        .ifPresent(difference -> failures.add(golden.name() + ": " + output + " " + difference));
            }
        }
    }

    /** About how many terms an output's elements are sums of. */
    private static long sums(GoldenCase golden, String output) {
        long inputs = golden.names("in.").stream().mapToLong(name -> golden.tensor("in." + name).shape().elements()).max()
                .orElse(1);
        return switch (golden.op()) {
            case "matmul", "linear", "conv1d", "conv2d", "conv_transpose2d" -> golden.names("in.").stream()
                    .map(name -> golden.tensor("in." + name).shape())
                    .mapToLong(shape -> shape.rank() < 2 ? 1 : shape.elements() / shape.extent(0)).max().orElse(1);
            default -> inputs / Math.max(1, golden.tensor(output).shape().elements());
        };
    }
}
