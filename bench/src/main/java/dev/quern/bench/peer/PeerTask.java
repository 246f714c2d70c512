package dev.quern.bench.peer;

import java.util.List;

/** What a peer is to do. */
public sealed interface PeerTask {
    /** The tensors that it reads, of which there are as many sets as the task says. */
    List<PeerInput> inputs();

    /**
     * Row-major C[m,n] = op(A) op(B) in f32, where op transposes or does not.
     *
     * @param m          rows of C
     * @param n          columns of C
     * @param k          products summed for an element of C
     * @param transposeA whether A is stored as [k,m] instead of [m,k]
     * @param transposeB whether B is stored as [n,k] instead of [k,n]
     * @param sets       how many sets of matrices to use in turn, so that none is found in a cache
     */
    record Gemm(int m, int n, int k, boolean transposeA, boolean transposeB, int sets) implements PeerTask {
        /** A and B. */
        @Override
        public List<PeerInput> inputs() {
            return List.of(transposeA ? PeerInput.f32(k, m) : PeerInput.f32(m, k),
                    transposeB ? PeerInput.f32(n, k) : PeerInput.f32(k, n));
        }
    }

    /**
     * Any work of which there is a text in the language of {@link TorchScript}, and perhaps one in that of ONNX.
     *
     * @param name   what it is: {@code conv2d}, {@code softmax backward}
     * @param inputs the arguments of the script's {@code run}
     * @param script defines {@code run}
     * @param nodes  the same work as nodes of an ONNX graph, or nothing where it has no such nodes. A line is a node in the syntax
     *               of ONNX's text: {@code y = Softmax <axis = 1> (x0)}. Its inputs are x0, x1, …; what is named y, y1 and so on
     *               are its results, in the order in which they are made
     * @param sets   how many sets of inputs to use in turn
     */
    record Operation(String name, List<PeerInput> inputs, String script, String nodes, int sets) implements PeerTask {
        public Operation {
            inputs = List.copyOf(inputs);
        }

        /** Work that is written as a script alone. */
        public Operation(String name, List<PeerInput> inputs, String script, int sets) {
            this(name, inputs, script, "", sets);
        }
    }

    /**
     * One training step with softmax cross-entropy and SGD with momentum.
     *
     * @param model the model's name: {@code lenet}, {@code mlp}, {@code lstm} or {@code vgg11}
     * @param batch images a step
     */
    record Train(String model, int batch) implements PeerTask {
        @Override
        public List<PeerInput> inputs() {
            return List.of();
        }
    }
}
