package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphText;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.graph.testing.GoldenText;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The texts of LeNet's training step: the graph, and what becomes one kernel. */
class LeNetTextTest {
    @Test
    void theGraphIsWhatTheFileSays() {
        GoldenText.check("lenet-training.graph.txt", GraphText.of(LeNetModel.training(64, 0.9)));
    }

    @Test
    void regionsAndFusionsAreWhatTheFileSays() {
        try (Device device = Devices.open("host"); State state = State.create(device);
                Plan plan = Compiler.compile(LeNetModel.training(64, 0.9), device, state, CompileOptions.defaults())) {
            GoldenText.check("lenet-training.regions.txt", withoutVariants(plan.explain()));
        }
    }

    @Test
    void theSameGraphGivesTheSamePlan() {
        try (Device device = Devices.open("host"); State state = State.create(device);
                Plan one = Compiler.compile(LeNetModel.training(16, 0.9), device, state, CompileOptions.defaults());
                Plan other = Compiler.compile(LeNetModel.training(16, 0.9), device, state, CompileOptions.defaults());
                Plan unlike = Compiler.compile(LeNetModel.training(17, 0.9), device, state, CompileOptions.defaults())) {
            assertThat(one.explain()).isEqualTo(other.explain());
            assertThat(one.hash()).isEqualTo(other.hash()).isNotEqualTo(unlike.hash());
        }
    }

    /** What does not change when a variant is added or the machine has more cores. */
    private static String withoutVariants(String text) {
        return text.lines().skip(2)
                .filter(line -> !line.startsWith("     why") && !line.startsWith("     launch")
                        && !line.startsWith("     scratch"))
                .map(line -> line.matches(" *\\d+  .*") ? line.replaceAll(" by [a-z0-9_]+( \\{[^}]*})?(,|$)", "$2") : line)
                .map(line -> line.replaceAll(" \\([a-z ]+ [0-9.]+ us\\)$", ""))
                .map(line -> line.replaceAll(" @(block\\d+)?\\+\\d+", ""))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
