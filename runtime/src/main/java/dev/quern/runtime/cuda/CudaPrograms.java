package dev.quern.runtime.cuda;

import java.util.List;
import java.util.Optional;

import dev.quern.runtime.KernelCompileException;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.cache.ProgramCache;
import dev.quern.runtime.internal.CompileReport;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns kernel texts into programs, through the cache on disk. */
final class CudaPrograms {
    private static final Logger LOG = LoggerFactory.getLogger(CudaPrograms.class);

    private final CudaDevice device;
    private final CudaPlatform.Found found;
    private final ProgramCache cache;

    CudaPrograms(CudaDevice device, CudaPlatform.Found found, ProgramCache cache) {
        this.device = device;
        this.found = found;
        this.cache = cache;
    }

    CudaProgram compile(KernelText text) {
        String source = CudaSource.of(text);
        // Machine code depends on the compiler and the architecture, not on the driver.
        String key = ProgramCache.key(List.of(source, String.join(" ", CudaSource.OPTIONS), found.compiler().name(), found.arch()));
        Optional<byte[]> kept = cache.load(key);
        if (kept.isPresent()) {
            try {
                CudaProgram program = load(text, kept.get());
                device.ledger().programBuilt(true);
                LOG.debug("{}: loaded {} from the cache", device.id(), text.name());
                return program;
            } catch (CudaFailure e) {
                LOG.debug("{}: the driver refused the cached {} ({}); it is compiled again", device.id(), text.name(),
                        e.getMessage());
                cache.remove(key);
            }
        }
        long start = System.nanoTime();
        byte[] image = image(text, source);
        LOG.debug("{}: {} compiled {} in {} ms", device.id(), found.compiler().name(), text.name(),
                (System.nanoTime() - start) / 1_000_000);
        try {
            CudaProgram program = load(text, image);
            device.ledger().programBuilt(false);
            cache.store(key, image);
            return program;
        } catch (CudaFailure e) {
            throw device.failed("loading " + text.name() + ", compiled by " + found.compiler().name() + " for " + found.arch() + ",",
                    e);
        }
    }

    private byte[] image(KernelText text, String source) {
        try {
            return found.compiler().image(source, text.name(), found.arch());
        } catch (CudaCompileFailure e) {
            throw refused(text, e);
        }
    }

    /** A program's PTX, made anew: the driver keeps none. */
    byte[] ptx(KernelText text) {
        try {
            return found.compiler().ptx(CudaSource.of(text), text.name(), found.arch());
        } catch (CudaCompileFailure e) {
            throw refused(text, e);
        }
    }

    private KernelCompileException refused(KernelText text, CudaCompileFailure failure) {
        return new KernelCompileException(CompileReport.of(text, device.id(), failure.getMessage(), CudaSource.PRELUDE,
                CudaSource.linesBefore(text)), failure);
    }

    private CudaProgram load(KernelText text, byte[] image) {
        CUmodule module = new CUmodule();
        CudaFailure.check(JCudaDriver.cuModuleLoadData(module, image));
        return new CudaProgram(text, device, module, image);
    }
}
