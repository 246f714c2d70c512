package dev.quern.runtime.cuda;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The folders in which CUDA toolkits, and Python's packages of them, keep their libraries. */
final class ToolkitFolders {
    private static final List<String> TOOLKIT_VARIABLES = List.of("CUDA_HOME", "CUDA_PATH");
    private static final List<String> PYTHON_VARIABLES = List.of("VIRTUAL_ENV", "CONDA_PREFIX");
    /** Under a Python's packages: of CUDA 13, of CUDA 12 and older. PyTorch brings one of them. */
    private static final List<String> PACKAGES = List.of("nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib");

    private ToolkitFolders() {
    }

    /** Those that may be there, the most particular first. */
    static Set<Path> of(Map<String, String> environment) {
        Set<Path> folders = new LinkedHashSet<>();
        List<Path> toolkits = named(environment, TOOLKIT_VARIABLES);
        if (NativeLibrary.windows()) {
            toolkits.forEach(toolkit -> folders.addAll(List.of(toolkit.resolve("bin"), toolkit.resolve("bin/x64"))));
            return folders;
        }
        toolkits.addAll(matching(Path.of("/usr/local"), "cuda*"));
        toolkits.forEach(toolkit -> folders.addAll(List.of(toolkit.resolve("lib64"), toolkit.resolve("lib"))));
        List<Path> pythons = named(environment, PYTHON_VARIABLES);
        pythons.addAll(List.of(Path.of(System.getProperty("user.home"), ".local"), Path.of("/usr/local"), Path.of("/usr"),
                Path.of("/opt/conda")));
        for (Path python : pythons) {
            for (Path version : matching(python.resolve("lib"), "python3*")) {
                for (String packages : List.of("site-packages", "dist-packages")) {
                    PACKAGES.forEach(inside -> folders.add(version.resolve(packages).resolve(inside)));
                }
            }
        }
        return folders;
    }

    private static List<Path> named(Map<String, String> environment, List<String> variables) {
        List<Path> folders = new ArrayList<>();
        for (String variable : variables) {
            String value = environment.getOrDefault(variable, "");
            if (!value.isEmpty()) {
                folders.add(Path.of(value));
            }
        }
        return folders;
    }

    /** What lies in a folder under names of a pattern, the highest version first; nothing if there is no such folder. */
    private static List<Path> matching(Path folder, String pattern) {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
            entries.forEach(found::add);
        } catch (IOException e) {
            // Whoever cannot list a folder cannot load from it either.
            return List.of();
        }
        found.sort(Comparator.comparing(Path::toString).reversed());
        return found;
    }
}
