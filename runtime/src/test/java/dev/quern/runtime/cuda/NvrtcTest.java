package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class NvrtcTest {
    @TempDir
    private Path home;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the names are Linux's")
    void theDriversOwnMajorVersionComesFirstAndNewerOnesLast() {
        assertThat(names(Nvrtc.candidates(12_080, Map.of(), ""))).containsExactly("libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so.13");
        assertThat(names(Nvrtc.candidates(13_000, Map.of(), ""))).containsExactly("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2");
    }

    /** Those that the system looks up. */
    private static List<String> names(List<String> candidates) {
        return candidates.stream().filter(candidate -> !candidate.contains("/")).toList();
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the names are Linux's")
    void aToolkitsFolderIsLookedIntoBehindTheNameAlone() throws Exception {
        Path library = Files.createFile(Files.createDirectory(home.resolve("lib64")).resolve("libnvrtc.so.12"));
        assertThat(Nvrtc.candidates(12_080, Map.of("CUDA_HOME", home.toString()), "")).startsWith("libnvrtc.so.12", library.toString());
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the names are Linux's")
    void whatPyTorchBroughtIsFound() throws Exception {
        Path packages = Files.createDirectories(home.resolve("lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib"));
        Path library = Files.createFile(packages.resolve("libnvrtc.so.12"));
        assertThat(Nvrtc.candidates(12_080, Map.of("VIRTUAL_ENV", home.toString()), "")).contains(library.toString());
    }

    @Test
    void aLibraryThatIsNamedIsTheOnlyOneTried() {
        assertThat(Nvrtc.candidates(12_080, Map.of("CUDA_HOME", home.toString()), "/opt/nvrtc.so")).containsExactly("/opt/nvrtc.so");
    }
}
