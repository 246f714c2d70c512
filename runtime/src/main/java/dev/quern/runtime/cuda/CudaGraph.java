package dev.quern.runtime.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** Makes CUDA graphs. */
final class CudaGraph {
    private CudaGraph() {
    }

    /** What {@code launches} gives to the stream, as a graph that can be launched many times. Runs none of it. */
    static CUgraphExec capture(CUstream stream, Runnable launches) {
        CUgraph graph = new CUgraph();
        // Of this thread only: other threads may allocate and compile meanwhile.
        CudaFailure.check(JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        try {
            launches.run();
        } catch (CudaFailure e) {
            // The failure counts, not what becomes of the capture.
            JCudaDriver.cuStreamEndCapture(stream, graph);
            throw e;
        }
        CudaFailure.check(JCudaDriver.cuStreamEndCapture(stream, graph));
        try {
            CUgraphExec made = new CUgraphExec();
            CudaFailure.check(JCudaDriver.cuGraphInstantiate(made, graph, 0));
            return made;
        } finally {
            JCudaDriver.cuGraphDestroy(graph);
        }
    }
}
