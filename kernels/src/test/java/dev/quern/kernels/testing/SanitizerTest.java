package dev.quern.kernels.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.Doubling.Twice;
import dev.quern.runtime.Device;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Oclgrind or the emulated CUDA device finds must fail the check, also where the results are right. */
@Tag("oclgrind")
class SanitizerTest {
    /** Opened outside of what is expected to throw: a missing device is not a finding. */
    private final Device device = Sanitizer.device();

    private Map<String, Integer> run(String body) {
        assertThat(Sanitizer.of(device)).as("what watches " + device.info().id()).isPresent();
        return KernelCheck.of(new Doubling(body)).problems(new Twice(40)).run(device);
    }

    @Test
    void passesARightKernel() {
        assertThat(run("if (i < n) y[i] = 2.0f * x[i];")).containsEntry("given", 1);
    }

    @Test
    void findsARaceBetweenWorkItems() {
        assertThatThrownBy(() -> run("if (i < n) { y[0] = (float)i; Q_BARRIER(); y[i] = 2.0f * x[i]; }"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("data race");
    }

    @Test
    void findsAReadPastABufferWhoseResultIsNotUsed() {
        assertThatThrownBy(() -> run("volatile float unused = x[i]; if (i < n) y[i] = 2.0f * x[i];"))
                .isInstanceOf(AssertionError.class).hasMessageMatching("(?s).*(Invalid read|reads 4 bytes at).*");
    }

    @Test
    void findsAWritePastABuffer() {
        assertThatThrownBy(() -> run("y[i] = i < n ? 2.0f * x[i] : 0.0f;"))
                .isInstanceOf(AssertionError.class).hasMessageMatching("(?s).*(Invalid write|writes 4 bytes at).*");
    }
}
