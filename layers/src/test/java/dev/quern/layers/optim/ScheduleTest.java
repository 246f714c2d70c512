package dev.quern.layers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.layers.testing.Golden;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final Horizon TWENTY = new Horizon(20, 5);

    @ParameterizedTest
    @ValueSource(strings = {"step", "exponential", "cosine"})
    void ratesAreThoseOfPyTorch(String name) {
        Golden golden = Golden.read("schedule_" + name);
        double base = golden.number("lr", 0);
        Schedule schedule = switch (name) {
            case "step" -> Schedule.step((long) golden.number("step_size", 0), golden.number("gamma", 0));
            case "exponential" -> Schedule.exponential(golden.number("gamma", 0));
            default -> Schedule.cosine(golden.number("min_lr", 0) / base);
        };
        HostTensor rates = HostTensor.zeros(DType.F32, Shape.of(20));
        for (int step = 0; step < 20; step++) {
            rates.set(step, base * schedule.factor(step, TWENTY));
        }
        Golden.assertClose(name, rates, golden.tensor("out.lr"), 1e-6);
    }

    @Test
    void warmUpRisesStraightAndThenGivesTheRestToTheSchedule() {
        Schedule schedule = Schedule.cosine(0).warmedUp(0.8);
        double[] factors = new double[20];
        for (int step = 0; step < 20; step++) {
            factors[step] = schedule.factor(step, TWENTY);
        }
        assertThat(factors[0]).isCloseTo(0.2, within(1e-12));
        assertThat(factors[3]).isCloseTo(0.8, within(1e-12));
        assertThat(factors[4]).isEqualTo(1);
        assertThat(factors[19]).isBetween(0.0, 0.01);
        assertThat(schedule.factor(20, TWENTY)).isCloseTo(0, within(1e-12));
    }

    @Test
    void perEpochHoldsAFactorForAWholeEpoch() {
        Schedule schedule = Schedule.step(2, 0.1).perEpoch();
        assertThat(schedule.factor(9, TWENTY)).isEqualTo(1);
        assertThat(schedule.factor(10, TWENTY)).isEqualTo(0.1);
        assertThat(schedule.description()).isEqualTo("step(2, 0.1) per epoch");
    }

    @Test
    void numbersOutOfRangeAreNamed() {
        assertThatThrownBy(() -> Schedule.step(0, 0.5)).isInstanceOf(QuernException.class).hasMessageContaining("size is 0");
        assertThatThrownBy(() -> Schedule.exponential(Double.NaN)).hasMessageContaining("gamma is NaN");
        assertThatThrownBy(() -> Sgd.momentum(1)).hasMessageContaining("SGD's momentum is 1.0");
        assertThatThrownBy(() -> new Sgd(0, true, 0)).hasMessageContaining("needs a momentum");
    }
}
