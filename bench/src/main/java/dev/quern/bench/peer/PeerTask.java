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
     * Any work of which there is a text in the language of {@link TorchScript}.
     *
     * @param name   what it is: {@code conv2d}, {@code softmax backward}
     * @param inputs the arguments of the script's {@code run}
     * @param script defines {@code run}
     * @param sets   how many sets of inputs to use in turn
     */
    record Operation(String name, List<PeerInput> inputs, String script, int sets) implements PeerTask {
        public Operation {
            inputs = List.copyOf(inputs);
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
