package dev.quern.graph.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.State;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.user.LeNetModel;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProfileTest {
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyLaunchBelongsToOneRegionWithNodesAndUserLines(String id) throws IOException {
        Device device = TestDevices.shared(id);
        try (State state = State.create(device);
                Plan plan = Compiler.compile(LeNetModel.training(8, 0.9), device, state, CompileOptions.defaults())) {
            plan.set("x", HostTensor.zeros(plan.inputType("x").dtype(), plan.inputType("x").shape()));
            plan.set("labels", HostTensor.of(Shape.of(8), 1, 2, 3, 4, 5, 6, 7, 8));
            plan.setScalar("lr", 0.01f);
            Profile profile = Profile.measure(plan, 2, 5);

            List<Integer> launches = profile.regions().stream().flatMap(region -> region.step().launches().stream())
                    .map(PlanStep.PlanLaunch::index).toList();
            assertThat(launches).isEqualTo(IntStream.range(0, plan.launches().size()).boxed().toList());
            assertThat(profile.launches()).hasSameSizeAs(launches).allMatch(launch -> launch.millis() > 0 && launch.waitMillis() >= 0);
            assertThat(profile.covered()).isLessThanOrEqualTo(1);
            assertThat(profile.deviceMillis() + profile.waitMillis()).isLessThan(1.5 * profile.timedMillis());
            for (Profile.RegionTime region : profile.regions()) {
                assertThat(region.millis()).as(region.step().region()).isPositive();
                assertThat(region.step().nodes()).isNotEmpty()
                        .allSatisfy(node -> assertThat(node.source()).startsWith("LeNetModel.java:"));
                assertThat(region.step().cost().bytes()).isPositive();
            }
            assertThat(profile.regions()).flatExtracting(region -> region.step().nodes()).extracting(PlanStep.PlanNode::layer)
                    .contains("conv1", "fc3");

            String trace = ChromeTrace.json(profile);
            int complete = 0;
            try (JsonParser json = new JsonFactory().createParser(trace)) {
                while (json.nextToken() != null) {
                    complete += "ph".equals(json.currentName()) && "X".equals(json.getText()) ? 1 : 0;
                }
            }
            assertThat(complete).isEqualTo(launches.size() + profile.regions().size() + 1);
            assertThat(trace).contains("LeNetModel.java:").contains("\"why\"").contains("\"waited_us\"").contains("\"region\" : \"1 conv1\"");
            if (device.info().kind() != DeviceKind.HOST) {
                assertThat(trace).contains("\"largest_group\"");
            }
        }
    }
}
