// Purpose: the queue, streams, events, capture and graphs.

#include <time.h>

#include <cstring>

#include "state.h"
#include "workers.h"

namespace emulated {
namespace {

// A program that never waits does not pile up work without end.
constexpr size_t MOST_QUEUED = 4096;

thread_local std::shared_ptr<CUgraph_st> capturing;   // by a stream that this thread let begin

int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

bool loaded(uint32_t module) {
    for (const auto& [handle, each] : driver().modules) {
        if (each->number == module) return true;
    }
    return false;
}

CUresult carry_out(const Operation& operation) {
    switch (operation.kind) {
        case Operation::KERNEL:
            return loaded(operation.module) ? driver().workers->launch(operation) : CUDA_ERROR_ILLEGAL_ADDRESS;
        case Operation::COPY:
            // Operands may have been freed since, which a device would not forgive either.
            if ((is_device(operation.to) && !inside_allocation(operation.to, operation.bytes))
                || (is_device(operation.from) && !inside_allocation(operation.from, operation.bytes))) {
                return CUDA_ERROR_ILLEGAL_ADDRESS;
            }
            std::memmove(reinterpret_cast<void*>(operation.to), reinterpret_cast<const void*>(operation.from), operation.bytes);
            return CUDA_SUCCESS;
        case Operation::FILL:
            if (!inside_allocation(operation.to, operation.bytes)) return CUDA_ERROR_ILLEGAL_ADDRESS;
            for (size_t at = 0; at < operation.bytes; at += operation.width) {
                std::memcpy(reinterpret_cast<void*>(operation.to + at), &operation.value, operation.width);
            }
            return CUDA_SUCCESS;
        case Operation::RECORD:
            operation.event->nanoseconds = now();
            operation.event->pending--;
            return CUDA_SUCCESS;
        case Operation::FREE:
            release(operation.to);
            return CUDA_SUCCESS;
    }
    return CUDA_ERROR_UNKNOWN;
}

CUresult enqueue(const Operation& operation) {
    if (operation.kind == Operation::RECORD) {
        operation.event->recorded = true;
        operation.event->pending++;
    }
    driver().queue.push_back(operation);
    return driver().queue.size() >= MOST_QUEUED ? flush() : CUDA_SUCCESS;
}

bool known_event(CUevent event) { return driver().events.count(event) == 1; }

}

bool known(CUstream stream) { return stream == nullptr || driver().streams.count(stream) == 1; }

bool forbidden_while_capturing() {
    if (capturing == nullptr) return false;
    capturing->broken = true;
    return true;
}

CUresult flush() {
    Driver& known = driver();
    std::vector<Operation> queue;
    queue.swap(known.queue);
    for (const Operation& operation : queue) {
        if (known.sticky == CUDA_SUCCESS) {
            known.sticky = carry_out(operation);
        } else if (operation.kind == Operation::RECORD) {
            operation.event->pending--;
        }
    }
    return known.sticky;
}

CUresult submit(CUstream stream, Operation operation) {
    if (stream != nullptr && stream->capture != nullptr) {
        if (stream->capture->broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
        stream->capture->operations.push_back(std::move(operation));
        return CUDA_SUCCESS;
    }
    return enqueue(operation);
}

}

using namespace emulated;

extern "C" {

CUresult cuStreamCreate(CUstream* handle, unsigned int) {
    NEEDS_CONTEXT();
    NEEDS(handle != nullptr);
    auto stream = std::make_unique<CUstream_st>();
    *handle = stream.get();
    driver().streams[*handle] = std::move(stream);
    return CUDA_SUCCESS;
}
CUresult cuStreamCreateWithPriority(CUstream* handle, unsigned int flags, int) { return cuStreamCreate(handle, flags); }

CUresult cuStreamDestroy_v2(CUstream stream) {
    NEEDS_CONTEXT();
    if (stream == nullptr || !known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult status = flush();
    driver().streams.erase(stream);
    return status;
}

CUresult cuStreamSynchronize(CUstream stream) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    return known(stream) ? flush() : CUDA_ERROR_INVALID_HANDLE;
}

// Work is never done when it is first asked for, and always the next time.
CUresult cuStreamQuery(CUstream stream) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (driver().queue.empty()) return CUDA_SUCCESS;
    const CUresult status = flush();
    return status == CUDA_SUCCESS ? CUDA_ERROR_NOT_READY : status;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int) {
    NEEDS_CONTEXT();
    if (!known(stream) || !known_event(event)) return CUDA_ERROR_INVALID_HANDLE;
    // Waiting for what another stream captured joins its capture. Otherwise the queue's order is enough.
    if (stream != nullptr && event->capture != nullptr) stream->capture = event->capture;
    return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream stream, int* status) {
    NEEDS_CONTEXT();
    NEEDS(status != nullptr);
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    *status = stream == nullptr || stream->capture == nullptr ? 0 : stream->capture->broken ? 2 : 1;
    return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture_v2(CUstream stream, int mode) {
    NEEDS_CONTEXT();
    NEEDS(mode >= 0 && mode <= 2);
    if (stream == nullptr || (known(stream) && stream->capture != nullptr)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    stream->capture = std::make_shared<CUgraph_st>();
    stream->began_capture = true;
    if (mode != 2) capturing = stream->capture;
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* handle) {
    NEEDS_CONTEXT();
    NEEDS(handle != nullptr);
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream == nullptr || stream->capture == nullptr || !stream->began_capture) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
    const std::shared_ptr<CUgraph_st> graph = stream->capture;
    stream->began_capture = false;
    if (capturing == graph) capturing = nullptr;
    for (const auto& [each, kept] : driver().streams) {
        if (each->capture == graph) each->capture = nullptr;
    }
    *handle = nullptr;
    if (graph->broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    *handle = graph.get();
    driver().graphs[*handle] = graph;
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* handle, CUgraph graph, unsigned long long) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    NEEDS(handle != nullptr);
    if (driver().graphs.count(graph) == 0) return CUDA_ERROR_INVALID_HANDLE;
    auto executable = std::make_unique<CUgraphExec_st>();
    executable->operations = graph->operations;
    *handle = executable.get();
    driver().executables[*handle] = std::move(executable);
    return CUDA_SUCCESS;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
    NEEDS_CONTEXT();
    NEEDS(count != nullptr);
    if (driver().graphs.count(graph) == 0) return CUDA_ERROR_INVALID_HANDLE;
    for (size_t i = 0; nodes != nullptr && i < *count && i < graph->operations.size(); i++) {
        nodes[i] = reinterpret_cast<CUgraphNode>(&graph->operations[i]);
    }
    *count = graph->operations.size();
    return CUDA_SUCCESS;
}

CUresult cuGraphUpload(CUgraphExec executable, CUstream stream) {
    NEEDS_CONTEXT();
    return driver().executables.count(executable) == 1 && known(stream) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
    NEEDS_CONTEXT();
    if (driver().executables.count(executable) == 0 || !known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    CUresult status = CUDA_SUCCESS;
    for (const Operation& operation : executable->operations) {
        if (status == CUDA_SUCCESS) status = submit(stream, operation);
    }
    return status;
}

CUresult cuGraphExecDestroy(CUgraphExec executable) {
    NEEDS_CONTEXT();
    return driver().executables.erase(executable) == 1 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuGraphDestroy(CUgraph graph) {
    NEEDS_CONTEXT();
    return driver().graphs.erase(graph) == 1 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuEventCreate(CUevent* handle, unsigned int flags) {
    NEEDS_CONTEXT();
    NEEDS(handle != nullptr);
    auto event = std::make_unique<CUevent_st>();
    event->timed = (flags & 2) == 0;
    *handle = event.get();
    driver().events[*handle] = std::move(event);
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    NEEDS_CONTEXT();
    if (!known_event(event) || !known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream != nullptr && stream->capture != nullptr) {
        event->capture = stream->capture;   // a mark in the capture: nothing to do when the graph runs
        return CUDA_SUCCESS;
    }
    event->capture = nullptr;
    Operation operation = {};
    operation.kind = Operation::RECORD;
    operation.event = event;
    return submit(stream, operation);
}
CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned int) { return cuEventRecord(event, stream); }

CUresult cuEventSynchronize(CUevent event) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    if (!known_event(event)) return CUDA_ERROR_INVALID_HANDLE;
    if (event->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
    return event->pending > 0 ? flush() : CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent event) {
    NEEDS_CONTEXT();
    if (!known_event(event)) return CUDA_ERROR_INVALID_HANDLE;
    if (event->capture != nullptr) return CUDA_ERROR_CAPTURED_EVENT;
    if (event->pending == 0) return CUDA_SUCCESS;
    const CUresult status = flush();
    return status == CUDA_SUCCESS ? CUDA_ERROR_NOT_READY : status;
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
    NEEDS_CONTEXT();
    NEEDS(milliseconds != nullptr);
    if (!known_event(start) || !known_event(end)) return CUDA_ERROR_INVALID_HANDLE;
    if (!start->recorded || !end->recorded || !start->timed || !end->timed) return CUDA_ERROR_INVALID_HANDLE;
    if (start->pending > 0 || end->pending > 0) return CUDA_ERROR_NOT_READY;
    *milliseconds = static_cast<float>(end->nanoseconds - start->nanoseconds) * 1e-6f;
    return CUDA_SUCCESS;
}
CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) { return cuEventElapsedTime(milliseconds, start, end); }

CUresult cuEventDestroy_v2(CUevent event) {
    NEEDS_CONTEXT();
    if (!known_event(event)) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult status = flush();
    driver().events.erase(event);
    return status;
}

}
