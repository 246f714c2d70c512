package dev.quern.examples.programs;

import dev.quern.examples.LeNet;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.select.Pins;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import java.util.List;

/** Swaps one kernel for another inside a whole training step, and shows what it costs there. */
public final class SwapKernels {
    private SwapKernels() {
    }

    public static void main(String[] arguments) {
        ModelGraph step = ModelGraph.training(new LeNet().task(), 64, Sgd.momentum(0.9));
        try (Device device = Devices.open("opencl:0")) {
            for (String variant : List.of("naive", "tiled", "packed_cpu")) {
                CompileOptions options = CompileOptions.defaults().withPins(Pins.none().with("gemm", variant));
                try (State state = State.create(device);
                        Plan plan = Compiler.compile(step.graph(), device, state, options)) {
                    plan.run();
                    plan.finish();
                    long start = System.nanoTime();
                    for (int i = 0; i < 20; i++) {
                        plan.run();
                    }
                    plan.finish();
                    System.out.printf("gemm/%s: %.2f ms a step%n", variant, (System.nanoTime() - start) / 20e6);
                }
            }
        }
    }
}
