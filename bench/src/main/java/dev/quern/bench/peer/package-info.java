/**
 * Peers: other libraries doing the same work in processes of their own. Parent and child exchange one JSON object a line:
 * <pre>
 * parent  {"task":"gemm","m":512,"n":512,"k":512,"sets":48}     child  {"ready":"OpenBLAS 0.3.31, 2 threads"}
 * parent  {"task":"train","model":"lenet","batch":64}           child  {"ready":"PyTorch 2.7.1, 2 threads"}
 * parent  {"warm":1,"runs":20}                                  child  {"nanos":[1320045, ...]}
 *                                                               child  {"declined":"..."} to a task that it does not do
 *                                                               child  {"error":"..."} instead, where something failed
 * </pre>
 * The child ends when its input does. A gemm task is row-major C = A B in f32 on {@code sets} sets of random matrices used
 * in turn; a train task is one whole step (forward, backward, SGD with momentum) on a batch that lies in memory.
 */
package dev.quern.bench.peer;
