package dev.quern.bench.peer.clblast;

import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * CLBlast as it is installed, without tuning: {@code CLBlastSgemm} on the first OpenCL device of the first platform, which is
 * Quern's {@code opencl:0}. Times are those of the wall clock from the call to the end of the queue.
 */
public final class ClBlastPeer implements Peer {
    private static final String LIBRARY = "libclblast.so.1";

    private static final String OPENCL = "libOpenCL.so.1";
    private static final long ALL_DEVICES = 0xFFFFFFFFL;
    private static final int DEVICE_NAME = 0x102B;
    private static final int ROW_MAJOR = 101;
    private static final int AS_STORED = 111;
    private static final int TRANSPOSED = 112;

    private Session session;

    @Override
    public String name() {
        return "clblast";
    }

    @Override
    public String description() {
        return "CLBlast (" + LIBRARY + ", not tuned) on " + session.device;
    }

    @Override
    public Work prepare(PeerTask task) {
        return switch (task) {
            case PeerTask.Gemm gemm -> {
                session = session == null ? new Session() : session;
                yield new Gemm(session, gemm);
            }
            case PeerTask.Operation operation -> throw new UnsupportedOperationException("CLBlast has no " + operation.name());
            case PeerTask.Train _ -> throw new UnsupportedOperationException("CLBlast trains nothing");
        };
    }

    /** A context and a queue, kept for all tasks: CLBlast compiles its kernels once a context. */
    private static final class Session {
        private final NativeCalls calls = new NativeCalls(List.of(LIBRARY, OPENCL));
        private final MemorySegment context;
        /** A pointer to the queue, as CLBlast wants it. */
        private final MemorySegment queue = Arena.global().allocate(ValueLayout.ADDRESS);
        private final String device;

        Session() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment handle = arena.allocate(ValueLayout.ADDRESS);
                MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
                calls.check("clGetPlatformIDs", 1, handle, MemorySegment.NULL);
                calls.check("clGetDeviceIDs", handle.get(ValueLayout.ADDRESS, 0), ALL_DEVICES, 1, handle, MemorySegment.NULL);
                MemorySegment text = arena.allocate(1024);
                calls.check("clGetDeviceInfo", handle.get(ValueLayout.ADDRESS, 0), DEVICE_NAME, text.byteSize(), text,
                        MemorySegment.NULL);
                device = text.getString(0);
                context = calls.pointer("clCreateContext", MemorySegment.NULL, 1, handle, MemorySegment.NULL, MemorySegment.NULL, status);
                succeeded("clCreateContext", status);
                queue.set(ValueLayout.ADDRESS, 0, calls.pointer("clCreateCommandQueue", context, handle.get(ValueLayout.ADDRESS, 0),
                        0L, status));
                succeeded("clCreateCommandQueue", status);
            }
        }

        private static void succeeded(String function, MemorySegment status) {
            if (status.get(ValueLayout.JAVA_INT, 0) != 0) {
                throw new IllegalStateException(function + " failed with status " + status.get(ValueLayout.JAVA_INT, 0));
            }
        }

        MemorySegment buffer(float[] values) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
                MemorySegment contents = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
                MemorySegment buffer = calls.pointer("clCreateBuffer", context, 1L, contents.byteSize(), MemorySegment.NULL, status);
                succeeded("clCreateBuffer", status);
                calls.check("clEnqueueWriteBuffer", queue.get(ValueLayout.ADDRESS, 0), buffer, 1, 0L, contents.byteSize(), contents, 0,
                        MemorySegment.NULL, MemorySegment.NULL);
                return buffer;
            }
        }

        float[] read(MemorySegment buffer, int elements) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment contents = arena.allocate(ValueLayout.JAVA_FLOAT, elements);
                calls.check("clEnqueueReadBuffer", queue.get(ValueLayout.ADDRESS, 0), buffer, 1, 0L, contents.byteSize(), contents, 0,
                        MemorySegment.NULL, MemorySegment.NULL);
                return contents.toArray(ValueLayout.JAVA_FLOAT);
            }
        }

        void multiply(PeerTask.Gemm task, Matrices set) {
            calls.check("CLBlastSgemm", ROW_MAJOR, task.transposeA() ? TRANSPOSED : AS_STORED,
                    task.transposeB() ? TRANSPOSED : AS_STORED, (long) task.m(), (long) task.n(), (long) task.k(), 1f,
                    set.a, 0L, (long) (task.transposeA() ? task.m() : task.k()),
                    set.b, 0L, (long) (task.transposeB() ? task.k() : task.n()), 0f,
                    set.c, 0L, (long) task.n(), queue, MemorySegment.NULL);
            calls.check("clFinish", queue.get(ValueLayout.ADDRESS, 0));
        }

        void release(MemorySegment buffer) {
            calls.check("clReleaseMemObject", buffer);
        }
    }

    private record Matrices(MemorySegment a, MemorySegment b, MemorySegment c) {
    }

    private static final class Gemm implements Work {
        private final Session session;
        private final PeerTask.Gemm task;
        private final List<Matrices> sets = new ArrayList<>();
        private int turn;

        Gemm(Session session, PeerTask.Gemm task) {
            this.session = session;
            this.task = task;
            Random random = new Random(1);
            float[] a = random(random, task.m(), task.k());
            float[] b = random(random, task.k(), task.n());
            for (int i = 0; i < task.sets(); i++) {
                sets.add(matrices(a, b));
            }
        }

        private Matrices matrices(float[] a, float[] b) {
            return new Matrices(session.buffer(a), session.buffer(b), session.buffer(new float[Math.multiplyExact(task.m(), task.n())]));
        }

        private static float[] random(Random random, int rows, int columns) {
            float[] values = new float[Math.multiplyExact(rows, columns)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat() * 2 - 1;
            }
            return values;
        }

        @Override
        public void run() {
            Matrices set = sets.get(turn);
            turn = (turn + 1) % sets.size();
            session.multiply(task, set);
        }

        @Override
        public List<double[]> outputs(List<HostTensor> inputs) {
            Matrices set = matrices(inputs.get(0).toFloats(), inputs.get(1).toFloats());
            session.multiply(task, set);
            float[] product = session.read(set.c, task.m() * task.n());
            release(set);
            double[] elements = new double[product.length];
            for (int i = 0; i < elements.length; i++) {
                elements[i] = product[i];
            }
            return List.of(elements);
        }

        private void release(Matrices set) {
            session.release(set.a);
            session.release(set.b);
            session.release(set.c);
        }

        @Override
        public void close() {
            sets.forEach(this::release);
        }
    }
}
