package dev.quern.graph.testing;

import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.user.LeNetModel;
import java.util.Random;

/** A training step of LeNet on random images and weights, kept. */
public final class LeNetStep {
    private static final int BATCH = 8;

    private LeNetStep() {
    }

    /** The step on a device, compiled so. */
    public static Capsule on(Device device, CompileOptions options) {
        Graph graph = LeNetModel.training(BATCH, 0.9);
        Random random = new Random(7);
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, options)) {
            for (String path : state.paths()) {
                state.write(path, random(state.type(path), 0.1, random));
            }
            plan.set("x", random(plan.inputType("x"), 1, random));
            plan.set("labels", HostTensor.of(Shape.of(BATCH), 1, 2, 3, 4, 5, 6, 7, 8));
            plan.setScalar("lr", 0.1f);
            return Capsule.ofNextStep("lenet", graph, options, plan, state);
        }
    }

    private static HostTensor random(TensorType type, double scale, Random random) {
        HostTensor tensor = HostTensor.zeros(type.dtype(), type.shape());
        for (long i = 0; i < type.shape().elements(); i++) {
            tensor.set(i, scale * random.nextGaussian());
        }
        return tensor;
    }
}
