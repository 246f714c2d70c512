package dev.quern.runtime.cache;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where a platform keeps a user's caches. */
public final class CacheFolder {
    private CacheFolder() {
    }

    /** The folder for caches of all programs: a program makes one of its own in it. */
    public static Path ofUser() {
        return of(System.getProperty("os.name"), Path.of(System.getProperty("user.home")), System.getenv());
    }

    static Path of(String system, Path home, Map<String, String> environment) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return named(environment, "LOCALAPPDATA", home.resolve("AppData").resolve("Local"));
        }
        if (name.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches");
        }
        return named(environment, "XDG_CACHE_HOME", home.resolve(".cache"));
    }

    /** The specification of XDG says to ignore a relative path; there is no use for one elsewhere. */
    private static Path named(Map<String, String> environment, String variable, Path otherwise) {
        String value = environment.getOrDefault(variable, "");
        return !value.isEmpty() && Path.of(value).isAbsolute() ? Path.of(value) : otherwise;
    }
}
