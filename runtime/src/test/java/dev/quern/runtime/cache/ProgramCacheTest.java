package dev.quern.runtime.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCacheTest {
    private static final byte[] PROGRAM = {1, 2, 3, 4, 5};

    @TempDir
    private Path folder;

    @Test
    void givesBackWhatWasStored() {
        ProgramCache cache = ProgramCache.at(folder.resolve("new").resolve("deep"));
        String key = ProgramCache.key(List.of("source", "device"));
        assertThat(cache.load(key)).isEmpty();
        cache.store(key, PROGRAM);
        assertThat(cache.load(key)).hasValue(PROGRAM);
        cache.store(key, new byte[] {9});
        assertThat(cache.load(key)).hasValue(new byte[] {9});
        cache.remove(key);
        assertThat(cache.load(key)).isEmpty();
    }

    @Test
    void everyAlteredOrMissingByteIsNoticed() throws IOException {
        ProgramCache cache = ProgramCache.at(folder);
        String key = ProgramCache.key(List.of("source"));
        cache.store(key, PROGRAM);
        Path file = folder.resolve(key + ".program");
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            byte[] altered = whole.clone();
            altered[at] ^= 0x10;
            Files.write(file, altered);
            assertThat(cache.load(key)).as("byte %s altered", at).isEmpty();
            Files.write(file, java.util.Arrays.copyOf(whole, at));
            assertThat(cache.load(key)).as("cut to %s bytes", at).isEmpty();
        }
    }

    @Test
    void leavesNoTemporaryFile() throws IOException {
        ProgramCache cache = ProgramCache.at(folder);
        cache.store(ProgramCache.key(List.of("a")), PROGRAM);
        cache.store(ProgramCache.key(List.of("b")), PROGRAM);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2).allMatch(file -> file.toString().endsWith(".program"));
        }
    }

    @Test
    void aFolderThatCannotBeMadeMeansNoCache() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        ProgramCache cache = ProgramCache.at(file.resolve("cache"));
        assertThat(cache.enabled()).isFalse();
        cache.store("key-of-some-length", PROGRAM);
        assertThat(cache.load("key-of-some-length")).isEmpty();
    }

    @Test
    void keysTellTextsAndTheirBordersApart() {
        assertThat(ProgramCache.key(List.of("ab", "c"))).isNotEqualTo(ProgramCache.key(List.of("a", "bc")))
                .isEqualTo(ProgramCache.key(List.of("ab", "c"))).hasSize(64);
    }

    @Test
    void followsEachPlatformsCustom() {
        Path home = folder.toAbsolutePath();
        Path named = home.resolve("named");
        assertThat(CacheFolder.of("Linux", home, Map.of())).isEqualTo(home.resolve(".cache"));
        assertThat(CacheFolder.of("Linux", home, Map.of("XDG_CACHE_HOME", named.toString()))).isEqualTo(named);
        assertThat(CacheFolder.of("Linux", home, Map.of("XDG_CACHE_HOME", "relative"))).isEqualTo(home.resolve(".cache"));
        assertThat(CacheFolder.of("Mac OS X", home, Map.of())).isEqualTo(home.resolve("Library/Caches"));
        assertThat(CacheFolder.of("Windows 11", home, Map.of("LOCALAPPDATA", named.toString()))).isEqualTo(named);
    }
}
