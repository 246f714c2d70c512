package dev.quern.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class TorchScriptTest {
    private static Map<String, byte[]> entries(byte[] archive) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        return entries;
    }

    private static String code(String script, int inputs) throws IOException {
        return new String(entries(TorchScript.archive(script, inputs)).get("quern/code/__torch__.py"), StandardCharsets.UTF_8);
    }

    @Test
    void theArchiveHasTheEntriesThatPyTorchReads() throws IOException {
        byte[] archive = TorchScript.archive("def run(x0):\n  return torch.relu(x0)\n", 1);
        Map<String, byte[]> entries = entries(archive);
        assertThat(entries).containsOnlyKeys("quern/data.pkl", "quern/code/__torch__.py", "quern/constants.pkl", "quern/version");
        assertThat(new String(entries.get("quern/data.pkl"), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u0080\u0002c__torch__\nRun\n)\u0081}(X\u0008\u0000\u0000\u0000training\u0088ub.");
        assertThat(entries.get("quern/version")).isEqualTo("10\n".getBytes(StandardCharsets.UTF_8));
        assertThat(TorchScript.archive("def run(x0):\n  return torch.relu(x0)\n", 1)).isEqualTo(archive);
    }

    @Test
    void theModulesForwardCallsRunAndFunctionsCallEachOther() throws IOException {
        String code = code("def run(x, y):\n  return twice(leaf(x)) + torch.twice(y)\ndef twice(x):\n  return x + x", 2);
        assertThat(code).startsWith("class Run(Module):\n").contains("  def forward(self: __torch__.Run, x0: Tensor, x1: Tensor):\n"
                        + "    return __torch__.run(x0, x1)\n")
                .contains("def run(x, y):\n  return __torch__.twice(__torch__.leaf(x)) + torch.twice(y)\n")
                .contains("\ndef twice(x):\n").contains("\ndef gradients(");
    }

    @Test
    void onlyScriptsThatMakeLeavesDifferentiate() {
        assertThat(TorchScript.differentiates("def run(x):\n  return torch.relu(x)")).isFalse();
        assertThat(TorchScript.differentiates("def run(x):\n  return leaf(x)")).isTrue();
    }

    @Test
    void aScriptWithoutRunIsRefused() {
        assertThatThrownBy(() -> TorchScript.archive("def go(x):\n  return x", 1)).hasMessageContaining("defines run");
    }
}
