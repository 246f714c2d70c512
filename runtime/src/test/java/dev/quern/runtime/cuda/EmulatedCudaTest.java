package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.EmulatedCuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The emulated CUDA device finds each kind of defect in a kernel that has it, and none in its twin that has not; what a kernel does to
 * the device, it does not do to the JVM.
 */
class EmulatedCudaTest {
    @TempDir
    private Path folder;

    /** A kernel that is wrong and its right twin; what is found says these words. */
    private record Defect(String name, String wrong, String right, String... words) {
    }

    private static final List<Defect> DEFECTS = List.of(
            new Defect("read past the end", "out[i] = in[i + 1];", "out[i] = in[i];",
                    "out of bounds: kernel run, read past the end.wrong:3: thread (63,0,0) of block (1,0,0) reads 4 bytes at 1 byte past the "
                            + "last of an allocation of 512 bytes"),
            new Defect("write before the start", "out[i - 1] = in[i];", "out[i] = in[i];",
                    "out of bounds", ":3: thread (0,0,0) of block (0,0,0) writes 4 bytes"),
            new Defect("wild pointer", "if (i == 5) { *(float*)64 = 1.0f; }", "if (i == 5) { out[5] = 1.0f; }",
                    "out of bounds", "thread (5,0,0) of block (0,0,0) writes 4 bytes at address 0x40, which is no device memory"),
            new Defect("index of a shared array", "__shared__ float t[64]; t[x + 1] = in[i]; __syncthreads(); out[i] = 1.0f;",
                    "__shared__ float t[65]; t[x + 1] = in[i]; __syncthreads(); out[i] = 1.0f;",
                    "out of bounds", "thread (63,0,0) of block (0,0,0) uses index 64 of an array that is smaller"),
            new Defect("pointer past a shared array", "__shared__ float t[66]; volatile float* p = t + x; p[3] = in[i];",
                    "__shared__ float t[66]; volatile float* p = t + x; p[2] = in[i];",
                    "out of bounds", "thread (63,0,0) of block (0,0,0) writes 4 bytes at 1 byte past the last of shared t (264 bytes)"),
            new Defect("uninitialised shared memory", "__shared__ float t[64]; if (x < 63) t[x] = in[i]; __syncthreads(); out[i] = t[x];",
                    "__shared__ float t[64]; t[x] = in[i]; __syncthreads(); out[i] = t[x];",
                    "uninitialised", "thread (63,0,0) of block (0,0,0) reads 4 bytes at byte 252 of shared t (256 bytes)"),
            new Defect("shared memory of the block before",
                    "__shared__ float t[64]; if (blockIdx.x == 0) t[x] = in[i]; __syncthreads(); out[i] = t[x];",
                    "__shared__ float t[64]; t[x] = in[i]; __syncthreads(); out[i] = t[x];",
                    "uninitialised", "of block (1,0,0) reads 4 bytes"),
            new Defect("read before a write is seen", "__shared__ float t[64]; t[x] = in[i];\nout[i] = t[63 - x];",
                    "__shared__ float t[64]; t[x] = in[i];\n__syncthreads(); out[i] = t[63 - x];",
                    "data race", "reads 4 bytes", "of shared t", "wrote at read before a write is seen.wrong:3, and no barrier is between"),
            new Defect("write while others read",
                    "__shared__ float t[64]; t[x] = in[i]; __syncthreads(); float a = t[63 - x];\nt[x] = a; out[i] = a;",
                    "__shared__ float t[64]; t[x] = in[i]; __syncthreads(); float a = t[63 - x];\n__syncthreads(); t[x] = a; out[i] = a;",
                    "data race", "writes 4 bytes", "read at write while others read.wrong:3"),
            new Defect("__syncwarp for a block", "__shared__ float t[64]; t[x] = in[i]; __syncwarp(); out[i] = t[63 - x];",
                    "__shared__ float t[64]; t[x] = in[i]; __syncwarp(); out[i] = t[x ^ 31];", "data race", "of shared t"),
            new Defect("a shuffle for a barrier",
                    "__shared__ float t[64]; t[x] = in[i]; __shfl_sync(~0u, t[x], 0); out[i] = t[x ^ 1];",
                    "__shared__ float t[64]; t[x] = in[i]; __shfl_sync(~0u, t[x], 0); __syncwarp(); out[i] = t[x ^ 1];", "data race"),
            new Defect("blocks that write one place", "if (x == 0) out[0] = in[i];", "if (x == 0) out[blockIdx.x] = in[i];",
                    "data race", "thread (0,0,0) of block (1,0,0) writes 4 bytes at byte 0 of an allocation of 512 bytes, which thread "
                            + "(0,0,0) of block (0,0,0) wrote"),
            new Defect("bytes of one word", "((unsigned char*)out)[x / 2] = 1;", "if (x < 8) ((unsigned char*)out)[i % 64 + blockIdx.x * 8] = 1;",
                    "data race", "1 byte"),
            new Defect("an atomic function and a plain access", "atomicAdd((int*)out, 1); if (i == 9) out[0] = 1.0f;",
                    "atomicAdd((int*)out, 1); if (i == 9) atomicExch(out, 1.0f);", "data race", "atomically"),
            new Defect("a barrier that some leave out", "if (x < 40) { __syncthreads(); } out[i] = 1.0f;",
                    "__syncthreads(); if (x < 40) { out[i] = 1.0f; }", "divergent barrier", "waits at a barrier"),
            new Defect("a value of an unnamed lane", "if (x % 32 < 16) { out[i] = __shfl_sync(0xffffu, in[i], 20); }",
                    "if (x % 32 < 16) { out[i] = __shfl_sync(0xffffu, in[i], 10); }",
                    "warp mask", "takes the value of lane 20, which its mask 0x0000ffff does not name"),
            new Defect("a lane that its mask leaves out", "out[i] = __any_sync(0xfffffffeu, i == 3);", "out[i] = __any_sync(~0u, i == 3);",
                    "warp mask", "thread (0,0,0) of block (0,0,0) is not among the lanes that its mask names"),
            new Defect("waits that exclude each other", "if (x % 2) { __syncwarp(); } else { __syncthreads(); }\nout[i] = 1.0f;",
                    "__syncwarp(); __syncthreads();\nout[i] = 1.0f;",
                    "deadlock", "waits at a barrier of the block", "at __syncwarp of the lanes 0xffffffff"),
            new Defect("a failed assertion", "assert(i < 100); out[i] = 1.0f;", "assert(i < 128); out[i] = 1.0f;",
                    "trap", "thread (36,0,0) of block (1,0,0) fails at assertion i < 100"));

    private List<String> run(Map<String, String> environment, Map<String, String> kernels) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(folder.toString()));
        for (Map.Entry<String, String> kernel : kernels.entrySet()) {
            Files.writeString(folder.resolve(kernel.getKey()), kernel.getValue());
            arguments.add(kernel.getKey());
        }
        List<String> lines = EmulatedCuda.child(environment).run(KernelRuns.class, arguments.toArray(String[]::new));
        assertThat(lines).hasSameSizeAs(kernels.keySet());
        return lines;
    }

    @Test
    void findsEachDefectAndNothingInItsTwin() throws Exception {
        Map<String, String> kernels = new LinkedHashMap<>();
        for (Defect defect : DEFECTS) {
            kernels.put(defect.name() + ".wrong", defect.wrong());
            kernels.put(defect.name() + ".right", defect.right());
        }
        List<String> lines = run(Map.of("QUERN_EMULATED_CHECK", "1", "QUERN_EMULATED_REPORT", folder.resolve("report").toString()), kernels);
        for (int i = 0; i < DEFECTS.size(); i++) {
            Defect defect = DEFECTS.get(i);
            String[] wrong = lines.get(2 * i).split("\t", -1);
            assertThat(wrong[1]).as(defect.name()).contains(defect.words());
            String[] right = lines.get(2 * i + 1).split("\t", -1);
            assertThat(right[0]).as("the right twin of " + defect.name()).startsWith("ran ");
            assertThat(right[1]).as("the right twin of " + defect.name()).isEmpty();
        }
    }

    @Test
    void withoutAReportAFindingIsTheDevicesError() throws Exception {
        List<String> lines = run(Map.of("QUERN_EMULATED_CHECK", "1"), ordered("out[i] = in[i + 1];", "out[i] = in[i];",
                "out[i] = 1.0f; if (x == 0) out[0] = 2.0f;"));
        assertThat(lines.get(0)).contains("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(lines.get(1)).startsWith("ran 1 2 3");
        assertThat(lines.get(2)).contains("CUDA_ERROR_LAUNCH_FAILED");
    }

    @Test
    void theJvmLivesAndANewDeviceWorksAfterAKernelThatDoesNot() throws Exception {
        List<String> lines = run(Map.of("QUERN_EMULATED_TIMEOUT", "2"), ordered("*(volatile float*)64 = 1.0f;", "out[i] = in[i];",
                "volatile int zero = 0; out[i] = 7 / zero;", "for (volatile int spin = 1; spin;) {}",
                "volatile float big[100000]; big[x] = 1; for (int k = 0; k < 100000; k++) big[k] = k; out[i] = big[9];",
                "if (x < 9) { __syncwarp(0x1ffu); } else { __syncthreads(); __syncwarp(); } if (x < 9) __syncwarp(0x3ffu);",
                "out[i] = 2.0f * in[i];", "out[i] = nonsense;"));
        assertThat(lines.get(0)).contains("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(lines.get(1)).startsWith("ran 1 2 3");
        assertThat(lines.get(2)).contains("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(lines.get(3)).contains("CUDA_ERROR_LAUNCH_TIMEOUT");
        assertThat(lines.get(4)).contains("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(lines.get(5)).contains("CUDA_ERROR_LAUNCH_FAILED");
        assertThat(lines.get(6)).startsWith("ran 2 4 6");
        assertThat(lines.get(7)).contains("nonsense").contains("was not declared").contains("line 3");
    }

    @Test
    void memoryRunsOutWhereTheVariableSays() throws Exception {
        assertThat(run(Map.of("QUERN_EMULATED_MEMORY", "600"), ordered("out[i] = in[i];")).getFirst()).contains("512 bytes");
    }

    /** Warps, votes, barriers that count, atomic functions, and half precision, on one worker and on several. */
    @Test
    void computesWhatCudaComputes() throws Exception {
        Map<String, String> kernels = ordered(
                "float sum = in[i]; for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(~0u, sum, d); out[i] = sum;",
                "out[i] = __shfl_down_sync(~0u, in[i], 3) + 1000 * __shfl_up_sync(~0u, in[i], 1, 8);",
                "out[i] = __popc(__ballot_sync(~0u, x % 3 == 0)) + 100 * __syncthreads_count(x > 9) + 10000 * __all_sync(~0u, x >= 32);",
                "out[i] = __reduce_max_sync(~0u, (unsigned)(x * 7 % 31)) + 100 * __popc(__match_any_sync(~0u, x / 8));",
                "__shared__ int sum; if (x == 0) sum = 0; __syncthreads(); atomicAdd(&sum, x); __syncthreads(); out[i] = sum;",
                "for (int k = i; k < 65536; k += 128) { unsigned short h = (unsigned short)k, back; float f = Q_LOAD_HALF(&h, 0); "
                        + "Q_STORE_HALF(&back, 0, f); if (f == f && back != h) out[i] += 1.0f; } "
                        + "unsigned short h; Q_STORE_HALF(&h, 0, 1.0f + 0x1p-11f); out[i] += h - 0x3c00; Q_STORE_HALF(&h, 0, 0x1.8p-24f); out[i] += h - 2; "
                        + "Q_STORE_HALF(&h, 0, 65520.0f); out[i] += h - 0x7c00;");
        for (String workers : List.of("1", "3")) {
            List<String> lines = run(Map.of("QUERN_EMULATED_WORKERS", workers), kernels);
            expect(lines.get(0), i -> IntStream.range(i / 32 * 32, i / 32 * 32 + 32).sum() + 32);
            expect(lines.get(1), i -> (i % 32 < 29 ? i + 4 : i + 1) + 1000 * (i % 8 > 0 ? i : i + 1));
            expect(lines.get(2), i -> 11 + 100 * 54 + (i % 64 < 32 ? 0 : 10000));
            expect(lines.get(3), i -> IntStream.range(i % 64 / 32 * 32, i % 64 / 32 * 32 + 32).map(x -> x * 7 % 31).max().orElseThrow() + 800);
            expect(lines.get(4), i -> 63 * 32);
            expect(lines.get(5), i -> 0);
        }
    }

    private static void expect(String line, IntUnaryOperator value) {
        assertThat(line).isEqualTo("ran " + String.join(" ", IntStream.range(0, KernelRuns.COUNT)
                .mapToObj(i -> String.valueOf(value.applyAsInt(i))).toList()) + "\t");
    }

    private static Map<String, String> ordered(String... bodies) {
        Map<String, String> kernels = new LinkedHashMap<>();
        for (String body : bodies) {
            kernels.put("kernel " + kernels.size(), body);
        }
        return kernels;
    }
}
