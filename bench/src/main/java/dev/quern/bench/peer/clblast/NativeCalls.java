package dev.quern.bench.peer.clblast;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Functions of native libraries by name. All return a status, or what the caller says. */
final class NativeCalls {
    private final List<SymbolLookup> libraries;
    private final Map<String, java.lang.invoke.MethodHandle> handles = new HashMap<>();

    /** The functions of these libraries. */
    NativeCalls(List<String> files) {
        this.libraries = files.stream().map(file -> SymbolLookup.libraryLookup(file, Arena.global())).toList();
    }

    /** Calls a function that returns a status, 0 for success. */
    void check(String function, Object... arguments) {
        int status = (int) call(function, ValueLayout.JAVA_INT, arguments);
        if (status != 0) {
            throw new IllegalStateException(function + " failed with status " + status);
        }
    }

    /** Calls a function that returns a pointer. */
    MemorySegment pointer(String function, Object... arguments) {
        return (MemorySegment) call(function, ValueLayout.ADDRESS, arguments);
    }

    private Object call(String function, MemoryLayout result, Object... arguments) {
        try {
            return handles.computeIfAbsent(function, name -> handle(name, result, arguments)).invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(function, e);
        }
    }

    private java.lang.invoke.MethodHandle handle(String function, MemoryLayout result, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] = switch (arguments[i]) {
                case Integer _ -> ValueLayout.JAVA_INT;
                case Long _ -> ValueLayout.JAVA_LONG;
                case Float _ -> ValueLayout.JAVA_FLOAT;
                case MemorySegment _ -> ValueLayout.ADDRESS;
                default -> throw new IllegalArgumentException(function + " takes no " + arguments[i].getClass());
            };
        }
        MemorySegment address = libraries.stream().flatMap(library -> library.find(function).stream()).findFirst()
                .orElseThrow(() -> new IllegalStateException("no function " + function));
        return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(result, layouts));
    }
}
