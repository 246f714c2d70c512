package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.testing.TestDevices;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearRegressionTest {
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theKnownWeightsAreRecovered(String id) {
        LinearRegression model = new LinearRegression();
        try (Trainer trainer = new Trainer(model.task(), model.builtInData(), TestDevices.shared(id), model.recipe())) {
            TrainingResult result = trainer.train();
            HostTensor weight = trainer.state().read("weight");
            assertThat(weight.get(0)).isCloseTo(LinearRegression.KNOWN[0], within(1e-2));
            assertThat(weight.get(1)).isCloseTo(LinearRegression.KNOWN[1], within(1e-2));
            assertThat(trainer.state().read("bias").get(0)).isCloseTo(LinearRegression.KNOWN[2], within(1e-2));
            assertThat(result.test().metric("mse")).isLessThan(2e-4);
            assertThat(result.test().metric("r2")).isGreaterThan(0.9999);
        }
    }
}
