package dev.quern.kernels.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.Doubling.Twice;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Oclgrind finds must fail the check, also where the results are right. */
@Tag("oclgrind")
class SanitizerTest {
    /** Opened outside of what is expected to throw: a missing device is not a finding. */
    private final Device device = TestDevices.shared("opencl:0");

    private Map<String, Integer> run(String body) {
        assertThat(device.info().platform()).as("the platform that OCL_ICD_VENDORS names").contains("Oclgrind");
        return KernelCheck.of(new Doubling(body)).problems(new Twice(40)).run(device);
    }

    @Test
    void passesARightKernel() {
        assertThat(run("if (i < n) y[i] = 2.0f * x[i];")).containsEntry("given", 1);
    }

    @Test
    void findsARaceBetweenWorkItems() {
        assertThatThrownBy(() -> run("if (i < n) { y[0] = (float)i; Q_BARRIER(); y[i] = 2.0f * x[i]; }"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("Oclgrind").hasMessageContaining("data race");
    }

    @Test
    void findsAReadPastABufferWhoseResultIsNotUsed() {
        assertThatThrownBy(() -> run("volatile float unused = x[i]; if (i < n) y[i] = 2.0f * x[i];"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("Invalid read");
    }

    @Test
    void findsAWritePastABuffer() {
        assertThatThrownBy(() -> run("y[i] = i < n ? 2.0f * x[i] : 0.0f;"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("Invalid write");
    }
}
