package dev.quern.graph.capsule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.capsule.Bisection.Compared;
import dev.quern.graph.capsule.Bisection.Run;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Node;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.testing.LeNetStep;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.user.LeNetModel;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BisectionTest {
    private static final CompileOptions DEFAULTS = CompileOptions.defaults();

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aStepAndItselfAreEqualInEveryValue(String id) {
        Device device = TestDevices.shared(id);
        Run run = new Run(LeNetStep.on(device, DEFAULTS), device, DEFAULTS);
        Bisection bisection = Bisection.of(run, run);
        assertThat(bisection.compared()).hasSizeGreaterThan(40);
        assertThat(bisection.different(0)).isZero();
        assertThat(bisection.first(0)).isEmpty();
        assertThat(bisection.apart()).isZero();
        assertThat(bisection.leaves()).isEmpty();
        assertThat(bisection.firstHash()).isEqualTo(bisection.secondHash());
    }

    @Test
    void fusedAndUnfusedAgreeWhereBothStore() {
        Device device = TestDevices.shared("host");
        Capsule kept = LeNetStep.on(device, DEFAULTS);
        Bisection bisection = Bisection.of(new Run(kept, device, DEFAULTS), new Run(kept, device, DEFAULTS.withFusion(false)));
        assertThat(bisection.firstHash()).isNotEqualTo(bisection.secondHash());
        assertThat(bisection.apart()).isPositive();
        assertThat(bisection.different(1e-5)).isZero();
        // A fused matrix product hides its sum: what is in doubt behind it are both.
        Compared relu = bisection.compared().stream().filter(each -> each.value().name().equals("relu")).findFirst().orElseThrow();
        assertThat(bisection.hidden().get(relu)).extracting(Node::name).contains("fc1");
    }

    /** The faulty rung writes one element of its result and leaves the others as they were. */
    @Test
    void aFaultyKernelIsFound() {
        Device device = TestDevices.shared("opencl:0");
        Capsule kept = LeNetStep.on(device, DEFAULTS);
        PlanStep faulty;
        try (OpenedStep step = OpenedStep.open(kept, device, DEFAULTS)) {
            faulty = step.plan().steps().stream().filter(each -> each.family().equals("reduce") && each.region().startsWith("conv2"))
                    .findFirst().orElseThrow();
        }
        Bisection bisection = Bisection.of(new Run(kept, device, DEFAULTS),
                new Run(kept, device, DEFAULTS.withPins(Pins.none().with(faulty.region(), "overrunning"))));
        Compared first = bisection.first(1e-4).orElseThrow();
        assertThat(first.value().node().name()).isEqualTo(faulty.nodes().getLast().name());
        assertThat(first.second().variant()).isEqualTo("overrunning");
        assertThat(first.first().variant()).isNotEqualTo("overrunning");
        assertThat(bisection.hidden().get(first)).isEmpty();
        assertThat(bisection.different(1e-4)).isGreaterThan(1);
    }

    @Test
    void stepsThatBeganOtherwiseSayWithWhat() {
        Device device = TestDevices.shared("host");
        Capsule kept = LeNetStep.on(device, DEFAULTS);
        TreeMap<String, HostTensor> before = new TreeMap<>(kept.before());
        HostTensor weight = before.get("3.weight");
        HostTensor other = HostTensor.of(DType.F32, weight.shape(), weight.memory());
        other.set(17, other.get(17) + 1);
        before.put("3.weight", other);
        Capsule changed = new Capsule(kept.note(), kept.graph(), kept.options(), kept.made(), kept.inputs(), before, kept.outputs(),
                kept.after());
        Bisection bisection = Bisection.of(new Run(kept, device, DEFAULTS), new Run(changed, device, DEFAULTS));
        assertThat(bisection.leaves()).singleElement().satisfies(leaf -> {
            assertThat(leaf.name()).isEqualTo("3.weight");
            assertThat(leaf.difference().index()).isEqualTo(17);
        });
        assertThat(bisection.first(0).orElseThrow().first().region()).isEqualTo("conv2");
    }

    @Test
    void stepsOfDifferentGraphsAreRefused() {
        Device device = TestDevices.shared("host");
        Capsule kept = LeNetStep.on(device, DEFAULTS);
        Capsule other = new Capsule("", LeNetModel.training(8, 0.8), DEFAULTS, new Capsule.Made("host", "", "", "", "", List.of(), List.of()),
                kept.inputs(), kept.before(), kept.outputs(), kept.after());
        assertThatThrownBy(() -> Bisection.of(new Run(kept, device, DEFAULTS), new Run(other, device, DEFAULTS)))
                .isInstanceOf(QuernException.class).hasMessageContaining("different graphs: node");
    }
}
