package dev.quern.bench.peers;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** ONNX Runtime with its own kernels for processors, on all cores: graphs of a few nodes, compiled at its highest level. */
public final class OnnxRuntimePeer implements Peer {
    private final int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public String name() {
        return "onnxruntime";
    }

    @Override
    public String description() {
        return "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion() + ", " + threads + " threads";
    }

    @Override
    public Work prepare(PeerTask task) throws OrtException {
        return switch (task) {
            case PeerTask.Gemm gemm -> new Graph("y = Gemm <transA = %d, transB = %d> (x0, x1)"
                    .formatted(gemm.transposeA() ? 1 : 0, gemm.transposeB() ? 1 : 0), gemm.inputs(), gemm.sets());
            case PeerTask.Operation(String name, _, _, String nodes, _) when nodes.isEmpty() ->
                    throw new UnsupportedOperationException("ONNX Runtime is not given " + name);
            case PeerTask.Operation(_, List<PeerInput> inputs, _, String nodes, int sets) -> new Graph(nodes, inputs, sets);
            case PeerTask.Train _ -> throw new UnsupportedOperationException("ONNX Runtime trains nothing");
        };
    }

    private final class Graph implements Work {
        private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
        private final List<String> results;
        private final OrtSession session;
        private final List<Map<String, OnnxTensor>> sets = new ArrayList<>();
        private int turn;

        Graph(String text, List<PeerInput> inputs, int sets) throws OrtException {
            List<OnnxNode> nodes = OnnxNode.ofLines(text);
            this.results = OnnxModel.results(nodes);
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(threads);
                options.setInterOpNumThreads(1);
                options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
                this.session = environment.createSession(OnnxModel.bytes(nodes, inputs), options);
            }
            Random random = new Random(1);
            for (int i = 0; i < sets; i++) {
                this.sets.add(named(inputs.stream().map(input -> input.random(random)).toList()));
            }
        }

        private Map<String, OnnxTensor> named(List<HostTensor> tensors) throws OrtException {
            Map<String, OnnxTensor> named = new LinkedHashMap<>();
            for (int i = 0; i < tensors.size(); i++) {
                named.put("x" + i, tensor(tensors.get(i)));
            }
            return named;
        }

        private OnnxTensor tensor(HostTensor from) throws OrtException {
            ByteBuffer data = ByteBuffer.allocateDirect(Math.toIntExact(from.memory().byteSize())).order(ByteOrder.nativeOrder());
            MemorySegment.ofBuffer(data).copyFrom(from.memory());
            return OnnxTensor.createTensor(environment, data, Arrays.stream(from.shape().toArray()).asLongStream().toArray(),
                    type(from.dtype()));
        }

        @Override
        public void run() throws OrtException {
            session.run(sets.get(turn)).close();
            turn = (turn + 1) % sets.size();
        }

        @Override
        public List<double[]> outputs(List<HostTensor> inputs) throws OrtException {
            Map<String, OnnxTensor> arguments = named(inputs);
            try (OrtSession.Result made = session.run(arguments)) {
                List<double[]> outputs = new ArrayList<>();
                for (String result : results) {
                    outputs.add(numbers((OnnxTensor) made.get(result).orElseThrow()));
                }
                return outputs;
            } finally {
                arguments.values().forEach(OnnxTensor::close);
            }
        }

        @Override
        public void close() {
            sets.forEach(set -> set.values().forEach(OnnxTensor::close));
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static double[] numbers(OnnxTensor tensor) {
        return switch (tensor.getInfo().type) {
            // Half precision is widened by the library.
            case FLOAT, FLOAT16, BFLOAT16 -> {
                float[] values = new float[tensor.getFloatBuffer().remaining()];
                tensor.getFloatBuffer().get(values);
                double[] wide = new double[values.length];
                Arrays.setAll(wide, i -> values[i]);
                yield wide;
            }
            case INT64 -> Arrays.stream(longs(tensor)).asDoubleStream().toArray();
            default -> throw new UnsupportedOperationException("results of type " + tensor.getInfo().type + " are not compared");
        };
    }

    private static long[] longs(OnnxTensor tensor) {
        long[] values = new long[tensor.getLongBuffer().remaining()];
        tensor.getLongBuffer().get(values);
        return values;
    }

    private static OnnxJavaType type(DType dtype) {
        return switch (dtype) {
            case F32 -> OnnxJavaType.FLOAT;
            case F16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case F64 -> OnnxJavaType.DOUBLE;
            case I32 -> OnnxJavaType.INT32;
            case I64 -> OnnxJavaType.INT64;
            case U8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
        };
    }
}
