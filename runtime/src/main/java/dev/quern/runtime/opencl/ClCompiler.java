package dev.quern.runtime.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cache.ProgramCache;
import dev.quern.runtime.internal.CompileReport;

/** Turns kernel texts into programs: definitions, then the prelude, then the text with its own line numbers. */
final class ClCompiler {
    static final String PRELUDE = "prelude.cl";

    private static final Logger LOG = LoggerFactory.getLogger(ClCompiler.class);

    private final ClDevice device;
    private final ProgramCache cache;
    private final ClTranslation translation;

    ClCompiler(ClDevice device, ProgramCache cache) {
        this.device = device;
        this.cache = cache;
        this.translation = ClTranslation.of(device.platformVersion());
    }

    ClProgram compile(KernelText text) {
        String source = fullSource(text);
        String key = key(source);
        Optional<cl_program> kept = cache.load(key).flatMap(binary -> fromBinary(text, key, binary));
        cl_program program = kept.isPresent() ? kept.get() : fromSource(text, source, key);
        try {
            ClProgram built = new ClProgram(text, device, program);
            device.ledger().programBuilt(kept.isPresent());
            return built;
        } catch (CLException e) {
            CL.clReleaseProgram(program);
            throw ClErrors.failed(device.id(), "compiling " + text.name(), e);
        }
    }

    private cl_program fromSource(KernelText text, String source, String key) {
        try {
            long start = System.nanoTime();
            ClTranslation.Translated translated = translation.fromSource(device.context(), device.handle(), source, cache.enabled());
            LOG.debug("{}: compiled {} in {} ms", device.id(), text.name(), (System.nanoTime() - start) / 1_000_000);
            if (translated.binary().length > 0) {
                cache.store(key, translated.binary());
            }
            return translated.program();
        } catch (ClBuildFailure e) {
            int linesBefore = (int) before(text).lines().count();
            throw new KernelCompileException(CompileReport.of(text, device.id(), e.log(), PRELUDE, linesBefore), e);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "compiling " + text.name(), e);
        }
    }

    private Optional<cl_program> fromBinary(KernelText text, String key, byte[] binary) {
        try {
            cl_program program = translation.fromBinary(device.context(), device.handle(), binary);
            LOG.debug("{}: loaded {} from the cache", device.id(), text.name());
            return Optional.of(program);
        } catch (CLException e) {
            LOG.debug("{}: the driver refused the cached {} ({}); it is compiled again", device.id(), text.name(),
                    ClErrors.describe(e));
            cache.remove(key);
            return Optional.empty();
        }
    }

    private String key(String source) {
        return ProgramCache.key(List.of(source, ClTranslation.OPTIONS, translation.name(), device.platformVersion(), device.name(),
                device.driver()));
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
