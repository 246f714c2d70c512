package dev.quern.runtime.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A shared library whose functions are called through {@code java.lang.foreign}. It stays loaded until the process ends.
 *
 * @param file    the name or path that it was loaded by
 * @param symbols its functions
 */
record NativeLibrary(String file, SymbolLookup symbols) {
    /**
     * Loads a library; a name without a folder is looked up as the system does ({@code LD_LIBRARY_PATH}, {@code PATH}).
     *
     * @throws IllegalCallerException if Java was started without native access
     */
    static Optional<NativeLibrary> open(String file) {
        try {
            return Optional.of(new NativeLibrary(file, SymbolLookup.libraryLookup(file, Arena.global())));
        } catch (IllegalArgumentException e) {
            // It is not there, or not one that can be loaded: the system does not tell Java which.
            return Optional.empty();
        }
    }

    /** Whether this system is Windows, where libraries have other names. */
    static boolean windows() {
        return System.getProperty("os.name").startsWith("Windows");
    }

    boolean has(String function) {
        return symbols.find(function).isPresent();
    }

    /**
     * A function that gives an {@code int}, as nearly all of CUDA's do.
     *
     * @throws UnsatisfiedLinkError if the library has no such function
     */
    MethodHandle function(String name, MemoryLayout... arguments) {
        return function(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    MethodHandle function(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbols.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(file + " has no function " + name)), type);
    }
}
