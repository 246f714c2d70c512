/**
 * Peers: other libraries doing the same work in processes of their own. Parent and child exchange one JSON object a line:
 * <pre>
 * parent  {"task":"gemm","m":512,"n":512,"k":512,"sets":48, ...}  child  {"ready":"OpenBLAS 0.3.31, 2 threads"}
 * parent  {"task":"operation","name":"softmax","script":"def run(x0): ...","inputs":"f32[64,1000]@-1.0:1.0", ...}
 * parent  {"task":"train","model":"lenet","batch":64}           child  {"ready":"PyTorch 2.7.1, 2 threads"}
 * parent  {"warm":1,"runs":20}                                  child  {"nanos":[1320045, ...]}
 * parent  {"inputs_file":"...","outputs_file":"..."}            child  {"outputs":[64000]} once it has written them
 *                                                               child  {"declined":"..."} to a task that it does not do
 *                                                               child  {"error":"..."} instead, where something failed
 * </pre>
 * The child ends when its input does. A gemm task is row-major C = A B in f32 on {@code sets} sets of random matrices used
 * in turn; an operation is a text for {@link dev.quern.bench.peer.TorchScript}; a train task is one whole step (forward, backward, SGD with momentum) on a batch that lies in memory.
 */
package dev.quern.bench.peer;
