package dev.quern.layers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.QuernException;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Horizon TWENTY = new Horizon(20, 5);

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
