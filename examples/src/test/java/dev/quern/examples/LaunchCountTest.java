package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many launches a whole training step takes, packing included. */
class LaunchCountTest {
    private static List<String> launches(ExampleModel example, Device device) {
        ModelGraph step = ModelGraph.training(example.task(), example.recipe().batch(), Sgd.momentum(0.9));
        try (State state = State.create(device);
                Plan plan = Compiler.compile(step.graph(), device, state, CompileOptions.defaults())) {
            return plan.launches();
        }
    }

    @Test
    void aStepOfLeNetTakesAtMostThirtyLaunchesAndOneOfTheMlpSixteen() {
        Device device = TestDevices.shared("opencl:0");
        assumeTrue(device.info().vectorBytes() == 64 && device.info().computeUnits() <= 8,
                "other processors choose other variants, whose packing may be a launch of its own");
        assertThat(launches(new LeNet(), device)).hasSizeLessThanOrEqualTo(30);
        assertThat(launches(new Mlp(), device)).hasSizeLessThanOrEqualTo(16);
    }
}
