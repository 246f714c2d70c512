package dev.quern.examples.programs;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.Arrays;

/** Uses Quern as a backend: y = relu(x w) as a graph, compiled once and run as often as wanted. */
public final class EmbedQuern {
    private EmbedQuern() {
    }

    public static void main(String[] arguments) {
        GraphBuilder graph = new GraphBuilder("affine");
        Value x = graph.input("x", DType.F32, Shape.of(2, 3));
        Value w = graph.parameter("w", DType.F32, Shape.of(3, 2));
        graph.output("y", graph.relu(graph.matmul(x, w)));

        try (Device device = Devices.open("auto");
                State state = State.create(device);
                Plan plan = Compiler.compile(graph.build(), device, state, CompileOptions.defaults())) {
            state.write("w", HostTensor.of(Shape.of(3, 2), 1f, -1f, 2f, -2f, 3f, -3f));
            plan.set("x", HostTensor.of(Shape.of(2, 3), 1f, 1f, 1f, -1f, 0f, 1f));
            plan.run();
            System.out.println(device.info().id() + ": y = " + Arrays.toString(plan.read("y").toFloats()));
        }
    }
}
