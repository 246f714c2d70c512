package dev.quern.bench.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvSuiteTest {
    private static final Conv2dGeometry GROUPED = Conv2dGeometry.of(Shape.of(2, 6, 9, 8), Shape.of(8, 3, 3, 2), 2, 1, 1, 0, 1, 1, 1,
            2, 2);

    @Test
    void twelveLayersAreMeasuredAndTheOthersOnRequestEachOnce() {
        Suite suite = ConvSuite.suite();
        assertThat(suite.cases()).filteredOn(one -> one.pass().equals("forward")).hasSize(12);
        assertThat(suite.all()).extracting(one -> one.name() + " " + one.pass()).doesNotHaveDuplicates();
        assertThat(suite.more()).extracting(BenchCase::name).contains("resnet50/8,512,7-512,3,1", "vgg-a/2,512,14-512,3,1",
                "googlenet/8,480,14-16,1,1", "alexnet/8,256,13-256,3,1", "deepbench/11,1,161x700-32,5x20,2-of-32")
                .doesNotContain("resnet50/8,64,56-64,3,1");
    }

    @Test
    void theCheckSeesAWrongElementAndSwappedChannels() {
        Conv2dForwardProblem forward = new Conv2dForwardProblem(GROUPED);
        checkSees(forward, ConvCheck.of(forward), (int) GROUPED.outputShape().elements(2, 4));
        Conv2dBackwardDataProblem data = new Conv2dBackwardDataProblem(GROUPED);
        checkSees(data, ConvCheck.of(data), 9 * 8);
        Conv2dBackwardWeightsProblem weights = new Conv2dBackwardWeightsProblem(GROUPED);
        checkSees(weights, ConvCheck.of(weights), GROUPED.taps());
    }

    private static <P extends Problem> void checkSees(P problem, Check<P> check, int channel) {
        Random random = new Random(3);
        List<HostTensor> operands = new ArrayList<>();
        for (Operand operand : problem.operands()) {
            HostTensor tensor = HostTensor.zeros(operand.dtype(), operand.shape());
            for (int i = 0; operand.role() == Role.INPUT && i < operand.shape().elements(); i++) {
                tensor.set(i, random.nextDouble() * 2 - 1);
            }
            operands.add(tensor);
        }
        Families.load().familyOf(problem).reference().compute(problem, operands);
        assertThat(check.error(problem, operands)).isLessThan(1e-6);
        HostTensor output = operands.get(2);
        double right = output.get(channel + 1);
        output.set(channel + 1, right + 0.05);
        assertThat(check.error(problem, operands)).isGreaterThan(1e-4);
        output.set(channel + 1, Double.NaN);
        assertThat(check.error(problem, operands)).isNaN();
        output.set(channel + 1, right);
        for (int i = 0; i < channel; i++) {
            double first = output.get(i);
            output.set(i, output.get(channel + i));
            output.set(channel + i, first);
        }
        assertThat(check.error(problem, operands)).isGreaterThan(1e-2);
    }
}
