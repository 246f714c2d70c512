package dev.quern.runtime.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cache.ProgramCache;
import dev.quern.runtime.internal.CompileReport;

/** Turns kernel texts into programs: definitions, then the prelude, then the text with its own line numbers. */
final class ClCompiler {
    /** Argument information lets a launch be checked in words before the driver sees it. */
    static final String OPTIONS = "-cl-std=CL1.2 -cl-kernel-arg-info";

    static final String PRELUDE = "prelude.cl";

    private static final Logger LOG = LoggerFactory.getLogger(ClCompiler.class);

    private final ClDevice device;
    private final ProgramCache cache;
    /** Programs that the cache does not have yet, with their names there. */
    private final Map<ClProgram, String> unsaved = new IdentityHashMap<>();
    /** Those of them that have been launched. */
    private final Set<ClProgram> launched = Collections.newSetFromMap(new IdentityHashMap<>());

    ClCompiler(ClDevice device, ProgramCache cache) {
        this.device = device;
        this.cache = cache;
    }

    ClProgram compile(KernelText text) {
        String source = fullSource(text);
        String key = key(source);
        Optional<cl_program> kept = cache.load(key).flatMap(binary -> fromBinary(text, key, binary));
        cl_program program = kept.isPresent() ? kept.get() : fromSource(text, source);
        try {
            ClProgram built = new ClProgram(text, device, program);
            device.ledger().programBuilt(kept.isPresent());
            if (kept.isEmpty() && cache.enabled()) {
                unsaved.put(built, key);
            }
            return built;
        } catch (CLException e) {
            CL.clReleaseProgram(program);
            throw ClErrors.failed(device.id(), "compiling " + text.name(), e);
        }
    }

    private cl_program fromSource(KernelText text, String source) {
        cl_program program = null;
        try {
            program = CL.clCreateProgramWithSource(device.context(), 1, new String[] {source}, null, null);
            long start = System.nanoTime();
            CL.clBuildProgram(program, 1, new cl_device_id[] {device.handle()}, OPTIONS, null, null);
            LOG.debug("{}: compiled {} in {} ms", device.id(), text.name(), (System.nanoTime() - start) / 1_000_000);
            return program;
        } catch (CLException e) {
            RuntimeException failure = program != null && e.getStatus() == CL.CL_BUILD_PROGRAM_FAILURE
                    ? buildFailure(text, program, e)
                    : ClErrors.failed(device.id(), "compiling " + text.name(), e);
            if (program != null) {
                CL.clReleaseProgram(program);
            }
            throw failure;
        }
    }

    private Optional<cl_program> fromBinary(KernelText text, String key, byte[] binary) {
        cl_program program = null;
        try {
            program = CL.clCreateProgramWithBinary(device.context(), 1, new cl_device_id[] {device.handle()},
                    new long[] {binary.length}, new byte[][] {binary}, new int[1], null);
            CL.clBuildProgram(program, 1, new cl_device_id[] {device.handle()}, OPTIONS, null, null);
            LOG.debug("{}: loaded {} from the cache", device.id(), text.name());
            return Optional.of(program);
        } catch (CLException e) {
            LOG.debug("{}: the driver refused the cached {} ({}); it is compiled again", device.id(), text.name(),
                    ClErrors.describe(e));
            if (program != null) {
                CL.clReleaseProgram(program);
            }
            cache.remove(key);
            return Optional.empty();
        }
    }

    private String key(String source) {
        return ProgramCache.key(List.of(source, OPTIONS, device.platformVersion(), device.name(), device.driver()));
    }

    /** Notes that a recording's programs have been launched, so that {@link #save()} keeps them. */
    void launched(ClRecording recording) {
        recording.launches().forEach(launch -> {
            ClProgram program = ((ClKernel) launch.kernel()).owner();
            if (unsaved.containsKey(program)) {
                launched.add(program);
            }
        });
    }

    /**
     * Keeps the programs that were launched since. Not sooner: PoCL compiles for a group size at the first launch and
     * answers the first question for a binary once and for all, so a binary that is asked for after the build lacks the
     * machine code. With it, 8 programs of 2 kernels loaded and ran in 30 ms; from source, with PoCL's own cache warm,
     * they took 500 ms, and cold 3 s.
     */
    void save() {
        for (ClProgram program : launched) {
            try {
                cache.store(unsaved.remove(program), ClQuery.binary(program.handle()));
            } catch (CLException e) {
                LOG.debug("{}: no binary of {}: {}", device.id(), program.source().name(), ClErrors.describe(e));
            }
        }
        launched.clear();
    }

    /** What the driver compiles. {@code #line} makes its messages count lines of the text, under the text's name. */
    static String fullSource(KernelText text) {
        return before(text) + text.text() + '\n';
    }

    private static String before(KernelText text) {
        StringBuilder source = new StringBuilder();
        text.defines().forEach((name, value) -> source.append("#define ").append(name).append(' ').append(value).append('\n'));
        source.append("#line 1 \"").append(PRELUDE).append("\"\n").append(prelude());
        return source.append("#line 1 \"").append(text.name()).append("\"\n").toString();
    }

    private RuntimeException buildFailure(KernelText text, cl_program program, CLException cause) {
        int linesBefore = (int) before(text).lines().count();
        String log = ClQuery.buildLog(program, device.handle());
        return new KernelCompileException(CompileReport.of(text, device.id(), log, PRELUDE, linesBefore), cause);
    }

    private static String prelude() {
        try (InputStream stream = ClCompiler.class.getResourceAsStream(PRELUDE)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + ClCompiler.class.getPackageName() + "/" + PRELUDE);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
