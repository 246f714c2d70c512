package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CudaPlatformTest {
    @Test
    void aDeviceHasTheFeaturesOfEveryOlderArchitectureAndItsOwn() {
        assertThat(CudaPlatform.architectures(90)).contains("sm_70", "sm_80", "sm_89", "sm_90", "sm_90a")
                .doesNotContain("sm_100", "sm_80a");
        assertThat(CudaPlatform.architectures(86)).contains("sm_80", "sm_86").doesNotContain("sm_86a", "sm_87", "sm_90");
        // Not known when this was written.
        assertThat(CudaPlatform.architectures(130)).contains("sm_120", "sm_130", "sm_130a");
    }
}
