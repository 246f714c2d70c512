package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaNativesTest {
    private static final String NAME = "libexample.so";

    @TempDir
    private Path folder;

    private final byte[] library = "a library".getBytes(StandardCharsets.UTF_8);

    @Test
    void unpacksOnceAndThenTakesWhatIsThere() throws Exception {
        Path file = CudaNatives.unpack(library, folder, NAME);
        assertThat(file).hasBinaryContent(library).hasFileName(NAME);
        Object made = Files.readAttributes(file, "unix:ino").get("ino");
        assertThat(CudaNatives.unpack(library, folder, NAME)).isEqualTo(file);
        assertThat(Files.readAttributes(file, "unix:ino").get("ino")).isEqualTo(made);
    }

    @Test
    void replacesAFileThatIsNotWhatItShouldBe() throws Exception {
        Path file = CudaNatives.unpack(library, folder, NAME);
        for (String wrong : List.of("", "a libraryX", "b library")) {
            Files.writeString(file, wrong);
            assertThat(CudaNatives.unpack(library, folder, NAME)).isEqualTo(file).hasBinaryContent(library);
        }
    }

    @Test
    void anotherLibraryOfTheSameNameGoesToAnotherFolder() throws Exception {
        Path other = CudaNatives.unpack("another".getBytes(StandardCharsets.UTF_8), folder, NAME);
        assertThat(CudaNatives.unpack(library, folder, NAME)).isNotEqualTo(other);
        assertThat(other).hasContent("another");
    }

    @Test
    void onlyTheUserCanEnterTheFolder() throws Exception {
        Path file = CudaNatives.unpack(library, folder.resolve("new"), NAME);
        assertThat(Files.getPosixFilePermissions(file.getParent())).allMatch(permission -> permission.name().startsWith("OWNER"));
    }

    @Test
    void manyMayUnpackAtATime() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        List<Callable<Path>> work = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            work.add(() -> CudaNatives.unpack(large, folder, NAME));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Path> each : threads.invokeAll(work)) {
                assertThat(each.get()).hasBinaryContent(large);
            }
        }
        try (Stream<Path> left = Files.walk(folder)) {
            assertThat(left.filter(Files::isRegularFile)).hasSize(1);
        }
    }
}
