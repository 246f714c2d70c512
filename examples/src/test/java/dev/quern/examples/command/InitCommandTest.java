package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitCommandTest {
    @TempDir
    private Path folder;

    private static List<Path> tree(Path root) throws IOException {
        try (Stream<Path> found = Files.walk(root)) {
            return found.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    private static void assertOneLine(CommandRun run, String message) {
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message).hasLineCount(1);
    }

    @Test
    void theProjectCompilesAndItsTestPasses() throws Exception {
        Path project = folder.resolve("here");
        CommandRun run = CommandRun.of("init", "my-model", "--dir", project.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("mvn -DskipTests install").contains("java -jar target/my-model.jar");
        assertThat(tree(folder)).map(Path::toString).containsExactly("here/.gitignore", "here/README.md", "here/pom.xml",
                "here/src/main/java/my_model/Train.java", "here/src/test/java/my_model/TrainTest.java");
        for (Path file : tree(project)) {
            assertThat(Files.readString(project.resolve(file)).replace("${quern.version}", "").replace("${project.build.directory}", ""))
                    .doesNotContain("${");
        }

        Path classes = Files.createDirectory(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<Path> sources = tree(project).stream().filter(path -> path.toString().endsWith(".java")).map(project::resolve).toList();
            assertThat(compiler.getTask(null, files, null, List.of("-d", classes.toString(), "-Xlint:all,-classfile,-processing", "-Werror", "-proc:none"), null,
                    files.getJavaFileObjectsFromPaths(sources)).call()).isTrue();
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            Constructor<?> constructor = loader.loadClass("my_model.TrainTest").getDeclaredConstructor();
            Method test = constructor.getDeclaringClass().getDeclaredMethod("aFewEpochsReadMostDigits");
            constructor.setAccessible(true);
            test.setAccessible(true);
            test.invoke(constructor.newInstance());
        }
    }

    @Test
    void theProjectAsksForWhatQuernItselfIsBuiltWith() throws IOException {
        String root = Files.readString(Path.of("..", "pom.xml"));
        String pom = ProjectTemplate.of("a", "quern").files().get("pom.xml");
        assertThat(root).contains("<artifactId>quern</artifactId>\n  <version>" + Version.NUMBER + "</version>");
        assertThat(pom).contains("<quern.version>" + Version.NUMBER + "</quern.version>");
        Map<String, String> plugins = new HashMap<>();
        Matcher matcher = Pattern.compile("<artifactId>(maven-[a-z]+-plugin)</artifactId>\\s*<version>([^<]+)</version>").matcher(pom);
        while (matcher.find()) {
            plugins.put(matcher.group(1), matcher.group(2));
        }
        assertThat(plugins).hasSize(7).allSatisfy((plugin, version) -> assertThat(root)
                .containsPattern("<artifactId>" + plugin + "</artifactId>\\s*<version>" + Pattern.quote(version) + "</version>"));
        assertThat(root).contains("<slf4j.version>2.0.20<").contains("<junit.version>5.14.4<");
        assertThat(pom).contains("<version>2.0.20<").contains("<version>5.14.4<");
    }

    @ParameterizedTest
    @ValueSource(strings = {"My-Model", "1st", "a b", "a/b", "..", "-x-", "a--b", "über", "a.b"})
    void aNameThatCannotBeAnArtifactIsRefused(String name) throws IOException {
        assertOneLine(CommandRun.of("init", "--dir", folder.resolve("p").toString(), "--", name), "NAME '" + name + "': cannot name");
        assertThat(tree(folder)).isEmpty();
    }

    @Test
    void aWordOfTheLanguageIsRefused() {
        assertOneLine(CommandRun.of("init", "class", "--dir", folder.resolve("p").toString()), "NAME 'class': is a word of the Java language");
    }

    @Test
    void aFolderWithSomethingInItIsLeftAsItIs() throws IOException {
        Files.writeString(folder.resolve("mine"), "mine");
        assertOneLine(CommandRun.of("init", "a", "--dir", folder.toString()), "the folder is not empty");
        assertOneLine(CommandRun.of("init", "a", "--dir", folder.resolve("mine").toString()), "is a file");
        assertOneLine(CommandRun.of("init", "a", "--dir", folder.resolve("no").resolve("a").toString()), "there is no folder");
        assertOneLine(CommandRun.of("init", "a", "--dir", "."), "is the folder that you are in");
        assertThat(tree(folder)).containsExactly(Path.of("mine"));
    }

    @Test
    void anEmptyFolderIsTaken() throws IOException {
        Path project = Files.createDirectory(folder.resolve("a"));
        assertThat(CommandRun.of("init", "a", "--dir", project.toString()).code()).isZero();
        assertThat(tree(project)).hasSize(5);
    }
}
