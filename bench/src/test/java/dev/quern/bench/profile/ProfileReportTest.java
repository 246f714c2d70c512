package dev.quern.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.graph.profile.Profile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileReportTest {
    private static String report(double covered) {
        StringWriter printed = new StringWriter();
        Profile profile = new Profile(List.of(), 1, 2, 2, 0.1, covered, List.of());
        try (PrintWriter out = new PrintWriter(printed)) {
            new ProfileReport("lenet", "opencl:0", 64, profile, new Ceilings(10e9, "copy", 12e9, "read", 300e9, "fma")).print(out);
        }
        return printed.toString();
    }

    @Test
    void whereMuchIsNotAccountedForItSaysWhatThatIs() {
        assertThat(report(0.2)).contains("20.0% is accounted for").contains("the other 1.600 ms pass before the first launch starts");
        assertThat(report(0.965)).contains("96.5% is accounted for").doesNotContain("the other");
    }
}
