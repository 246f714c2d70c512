package dev.quern.examples.command;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * The files of a Maven project that uses Quern, for a project's name.
 *
 * @param name        the artifact's name
 * @param packageName the Java package that follows from it
 * @param home        where Quern's sources are, for the instructions
 */
record ProjectTemplate(String name, String packageName, String home) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([-_][a-z0-9]+)*");
    private static final String RESOURCES = "init/";

    /**
     * The template for a name.
     *
     * @throws UsageException if it cannot name both an artifact and a package
     */
    static ProjectTemplate of(String name, String home) {
        if (!NAME.matcher(name).matches()) {
            throw new UsageException("NAME '" + name + "': cannot name a Maven artifact and a Java package; take a-z, 0-9, - and _ between them, "
                    + "a letter first, for example my-model");
        }
        String packageName = name.replace('-', '_');
        if (!SourceVersion.isName(packageName)) {
            throw new UsageException("NAME '" + name + "': is a word of the Java language, so no package can have it; for example my-" + name);
        }
        return new ProjectTemplate(name, packageName, home);
    }

    /** Every file's text under its path inside the project, with {@code /}. */
    Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("pom.xml", filled("pom.xml.txt"));
        files.put("README.md", filled("README.md.txt"));
        files.put(".gitignore", filled("gitignore.txt"));
        files.put("src/main/java/" + packageName + "/Train.java", filled("Train.java.txt"));
        files.put("src/test/java/" + packageName + "/TrainTest.java", filled("TrainTest.java.txt"));
        return files;
    }

    private String filled(String resource) {
        try (InputStream in = ProjectTemplate.class.getResourceAsStream(RESOURCES + resource)) {
            if (in == null) {
                throw new QuernException("the template " + resource + " is missing from this build of Quern");
            }
            // What else is written ${...} is Maven's own.
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("${name}", name).replace("${package}", packageName)
                    .replace("${version}", Version.NUMBER).replace("${home}", home);
        } catch (IOException e) {
            throw new QuernException("the template " + resource + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Writes the project whole or not at all: beside its folder first, which is then renamed.
     *
     * @param folder where it will be
     * @throws UsageException if there is something already, or no folder to put it in
     */
    void write(Path folder) {
        Path whole = folder.toAbsolutePath().normalize();
        Path parent = whole.getParent();
        requireFree(folder, whole);
        if (parent == null || !Files.isDirectory(parent)) {
            throw new UsageException(folder + ": there is no folder " + parent + " to make it in");
        }
        Path part = parent.resolve("." + whole.getFileName() + "-" + UUID.randomUUID() + ".part");
        try {
            try {
                Files.createDirectory(part);
                for (Map.Entry<String, String> file : files().entrySet()) {
                    Path path = part.resolve(file.getKey());
                    Files.createDirectories(path.getParent());
                    Files.writeString(path, file.getValue());
                }
                // An empty folder of the name gives way.
                Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                delete(part);
            }
        } catch (IOException e) {
            throw new QuernException("the project " + folder + " cannot be written: " + reason(e), e);
        }
    }

    private static void requireFree(Path given, Path folder) {
        if (folder.equals(Path.of("").toAbsolutePath())) {
            throw new UsageException(given + ": is the folder that you are in; name another, which is made");
        }
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new UsageException(given + ": is a file; name a folder that does not exist or is empty");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new UsageException(given + ": the folder is not empty; name one that does not exist or is empty");
            }
        } catch (IOException e) {
            throw new UsageException(given + ": the folder cannot be read");
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> all;
            try (Stream<Path> found = Files.walk(folder)) {
                all = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : all) {
                Files.delete(path);
            }
        }
    }

    /** Java's message for a folder without permission is its name alone. */
    private static String reason(IOException problem) {
        return problem.getClass().getSimpleName().replaceAll("(Exception)?$", "") + " " + problem.getMessage();
    }
}
