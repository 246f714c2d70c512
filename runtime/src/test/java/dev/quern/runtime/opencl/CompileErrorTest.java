package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.testing.TestDevices;

class CompileErrorTest {
    private final Device device = TestDevices.shared("opencl:0");

    private String messageOf(KernelText text) {
        return catchThrowableOfType(KernelCompileException.class, () -> device.compile(text)).getMessage();
    }

    @Test
    void namesTheLineOfTheTextNotOfWhatStandsBeforeIt() {
        KernelText text = KernelText.of("test/broken", Dialect.PORTABLE, """
                Q_KERNEL void broken(Q_GLOBAL float* data) {
                    int first = 1;
                    data[0] = undeclared;
                    int last = first;
                }
                """).with(Map.of("WIDTH", 4));
        String message = messageOf(text);
        assertThat(message.lines().findFirst().orElseThrow())
                .startsWith("program test/broken does not compile for opencl:0: line 3:").contains("undeclared");
        assertThat(message).contains("with {WIDTH=4}")
                .contains(">    3      data[0] = undeclared;").contains("     2      int first = 1;");
    }

    @Test
    void showsTheSourceAroundEveryError() {
        String message = messageOf(KernelText.of("test/twice", Dialect.OPENCL, """
                __kernel void twice(__global float* data) {
                    data[0] = one;
                    data[1] = 1;
                    data[2] = 2;
                    data[3] = 3;
                    data[4] = 4;
                    data[5] = 5;
                    data[6] = 6;
                    data[7] = other;
                }
                """));
        assertThat(message).contains("around line 2:").contains("around line 9:").contains(">    9      data[7] = other;");
    }

    @Test
    void aTextThatFailedLeavesTheDeviceUsable() {
        messageOf(KernelText.of("test/empty", Dialect.OPENCL, "not a program"));
        assertThat(device.compile(KernelText.of("test/fine", Dialect.OPENCL, "__kernel void fine(__global int* a) { a[0] = 1; }"))
                .kernel("fine").name()).isEqualTo("fine");
    }

    @Test
    void definitionsMayHoldSpacesAndArguments() {
        KernelText text = KernelText.of("test/defines", Dialect.PORTABLE, """
                Q_KERNEL void defined(Q_GLOBAL int* a) { a[0] = TWICE(3) + (SUM); }
                """).with(Map.of("TWICE(x)", "(2 * (x))", "SUM", "1 + 2 + 3"));
        assertThat(device.compile(text).kernel("defined").name()).isEqualTo("defined");
    }
}
