package dev.quern.bench.peers;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS, on all cores: {@code cblas_sgemm} on row-major matrices. */
public final class OpenBlasPeer implements Peer {
    private final int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public String name() {
        return "openblas";
    }

    @Override
    public Work prepare(PeerTask task) {
        return switch (task) {
            case PeerTask.Gemm gemm -> {
                Loader.load(openblas_nolapack.class);
                openblas_nolapack.blas_set_num_threads(threads);
                yield new Gemm(gemm);
            }
            case PeerTask.Operation operation ->
                    throw new UnsupportedOperationException("OpenBLAS has no " + operation.name());
            case PeerTask.Train _ -> throw new UnsupportedOperationException("OpenBLAS trains nothing");
        };
    }

    /** The version with the processor core that OpenBLAS took its kernels for. JavaCPP does not map that function. */
    @Override
    public String description() {
        String config = "OpenBLAS";
        for (String library : Loader.getLoadedLibraries().values()) {
            config = SymbolLookup.libraryLookup(library, Arena.global()).find("openblas_get_config")
                    .map(OpenBlasPeer::text).orElse(config);
        }
        return config.strip() + ", " + openblas_nolapack.blas_get_num_threads() + " threads";
    }

    private static String text(MemorySegment function) {
        try {
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(function, FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
            return text.reinterpret(1024).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Gemm implements Work {
        private record Matrices(FloatPointer a, FloatPointer b, FloatPointer c) {
        }

        private final PeerTask.Gemm task;
        private final List<Matrices> sets = new ArrayList<>();
        private int turn;

        Gemm(PeerTask.Gemm task) {
            this.task = task;
            Random random = new Random(1);
            for (int i = 0; i < task.sets(); i++) {
                sets.add(new Matrices(random(random, task.m(), task.k()), random(random, task.k(), task.n()),
                        random(random, task.m(), task.n())));
            }
        }

        private static FloatPointer random(Random random, int rows, int columns) {
            float[] values = new float[Math.multiplyExact(rows, columns)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat() * 2 - 1;
            }
            return new FloatPointer(values);
        }

        @Override
        public void run() {
            Matrices set = sets.get(turn);
            turn = (turn + 1) % sets.size();
            multiply(set);
        }

        private void multiply(Matrices set) {
            cblas_sgemm(CblasRowMajor, task.transposeA() ? CblasTrans : CblasNoTrans,
                    task.transposeB() ? CblasTrans : CblasNoTrans, task.m(), task.n(), task.k(),
                    1, set.a, task.transposeA() ? task.m() : task.k(), set.b, task.transposeB() ? task.k() : task.n(),
                    0, set.c, task.n());
        }

        @Override
        public List<double[]> outputs(List<HostTensor> inputs) {
            try (FloatPointer a = new FloatPointer(inputs.get(0).toFloats());
                    FloatPointer b = new FloatPointer(inputs.get(1).toFloats());
                    FloatPointer c = new FloatPointer((long) task.m() * task.n())) {
                multiply(new Matrices(a, b, c));
                double[] product = new double[task.m() * task.n()];
                for (int i = 0; i < product.length; i++) {
                    product[i] = c.get(i);
                }
                return List.of(product);
            }
        }

        @Override
        public void close() {
            sets.forEach(set -> {
                set.a.close();
                set.b.close();
                set.c.close();
            });
        }
    }
}
