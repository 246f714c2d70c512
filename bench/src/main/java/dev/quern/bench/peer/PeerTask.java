package dev.quern.bench.peer;

/** What a peer is to do. */
public sealed interface PeerTask {
    /**
     * Row-major C[m,n] = A[m,k] B[k,n] in f32.
     *
     * @param m    rows of A and C
     * @param n    columns of B and C
     * @param k    columns of A and rows of B
     * @param sets how many sets of matrices to use in turn, so that none is found in a cache
     */
    record Gemm(int m, int n, int k, int sets) implements PeerTask {
    }

    /**
     * One training step with softmax cross-entropy and SGD with momentum.
     *
     * @param model the model's name: {@code lenet}
     * @param batch images a step
     */
    record Train(String model, int batch) implements PeerTask {
    }
}
