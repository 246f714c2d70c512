package dev.quern.runtime.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramFile;
import dev.quern.runtime.ProgramSource;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A loaded module. Its device keeps it until the device is closed. */
final class CudaProgram implements Program {
    /** The first byte of machine code; PTX is text. */
    private static final byte ELF = 0x7f;

    private final KernelText source;
    private final CudaDevice device;
    private final CUmodule module;
    private final byte[] image;
    private final Map<String, EntryText> entries;
    private final Map<String, CudaKernel> kernels = new HashMap<>();

    CudaProgram(KernelText source, CudaDevice device, CUmodule module, byte[] image) {
        this.source = source;
        this.device = device;
        this.module = module;
        this.image = image;
        this.entries = EntryText.of(source.text());
    }

    @Override
    public ProgramSource source() {
        return source;
    }

    @Override
    public CudaDevice device() {
        return device;
    }

    @Override
    public synchronized Kernel kernel(String entry) {
        device.enter();
        CudaKernel known = kernels.get(entry);
        if (known == null) {
            known = find(entry);
            kernels.put(entry, known);
        }
        return known;
    }

    private CudaKernel find(String entry) {
        Handles.Function function = new Handles.Function();
        int status = JCudaDriver.cuModuleGetFunction(function, module, entry);
        if (status == CUresult.CUDA_ERROR_NOT_FOUND) {
            throw new IllegalArgumentException("program " + source.name() + " has no kernel \"" + entry + "\"; it has "
                    + entries.keySet());
        }
        try {
            CudaFailure.check(status);
            return CudaKernel.inspect(this, entry, function, device.found().library(), Optional.ofNullable(entries.get(entry)));
        } catch (CudaFailure e) {
            throw device.failed("kernel " + entry + " of " + source.name(), e);
        }
    }

    @Override
    public Optional<byte[]> binary() {
        device.enter();
        return Optional.of(image.clone());
    }

    @Override
    public List<ProgramFile> files() {
        device.enter();
        List<ProgramFile> files = new ArrayList<>(List.of(
                new ProgramFile("cu", CudaSource.of(source).getBytes(StandardCharsets.UTF_8)),
                new ProgramFile("ptx", text(device.ptx(source)))));
        if (image.length > 0 && image[0] == ELF) {
            files.add(new ProgramFile("cubin", image.clone()));
        }
        return files;
    }

    /** Compilers end PTX with a zero byte, as drivers want it. */
    private static byte[] text(byte[] ptx) {
        return ptx.length > 0 && ptx[ptx.length - 1] == 0 ? Arrays.copyOf(ptx, ptx.length - 1) : ptx;
    }

    void release() {
        device.released("program " + source.name(), JCudaDriver.cuModuleUnload(module));
    }
}
