// Purpose: what the emulated driver knows. One device, one primary context, one lock around every call.
//
// Work is queued in the order of the calls, which every stream's and event's order allows, and carried out as late as may be: when somebody
// waits, asks, frees or copies without a stream. So a program that uses a result or a buffer too early sees it.

#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "../common/abi.h"
#include "../common/link.h"

struct CUfunc_st {
    CUmodule module;
    uint32_t number;                          // in its module
    std::string name;
    uint32_t most_threads, static_shared;
    uint32_t most_dynamic_shared = 48 * 1024;
    std::vector<std::pair<uint32_t, uint32_t>> parameters;   // offset and size
};

struct CUmod_st {
    uint32_t number;
    std::string path;
    std::list<CUfunc_st> functions;
};

struct CUgraph_st;

struct CUevent_st {
    bool timed = true;
    bool recorded = false;
    int pending = 0;                          // records that are queued
    int64_t nanoseconds = 0;                  // when the last record was carried out
    std::shared_ptr<CUgraph_st> capture;      // that it was recorded in, if that was its last record
};

struct CUstream_st {
    std::shared_ptr<CUgraph_st> capture;      // that is being made of what is put into this stream
    bool began_capture = false;
};

namespace emulated {

struct Operation {
    enum Kind { KERNEL, COPY, FILL, RECORD, FREE } kind;
    uint32_t module = 0, kernel = 0;
    uint32_t grid[3] = {}, block[3] = {}, dynamic_bytes = 0;
    std::string arguments;
    uintptr_t to = 0, from = 0;
    size_t bytes = 0;
    uint32_t value = 0, width = 1;
    CUevent event = nullptr;
};

}

struct CUgraph_st {
    std::vector<emulated::Operation> operations;
    bool broken = false;                      // something was done while it was captured that must not be
};

struct CUgraphExec_st {
    std::vector<emulated::Operation> operations;
};

namespace emulated {

class Workers;

struct Driver {
    std::recursive_mutex lock;
    bool initialised = false;
    int contexts = 0;                         // how often the primary context is retained
    CUresult sticky = CUDA_SUCCESS;           // what every call answers after a kernel failed, until the context is given up
    std::unique_ptr<Workers> workers;
    std::unique_ptr<Memory> memory;

    size_t limit = 0, used = 0, most_used = 0;
    std::map<uintptr_t, uint32_t> allocations;               // first byte to number
    std::vector<uint32_t> free_numbers;
    uint32_t next_number = 1;
    uint64_t release_threshold = 0;
    std::map<uintptr_t, size_t> pinned;

    uint32_t next_module = 1;
    std::map<CUmodule, std::unique_ptr<CUmod_st>> modules;
    std::map<CUstream, std::unique_ptr<CUstream_st>> streams;
    std::map<CUevent, std::unique_ptr<CUevent_st>> events;
    std::map<CUgraph, std::shared_ptr<CUgraph_st>> graphs;
    std::map<CUgraphExec, std::unique_ptr<CUgraphExec_st>> executables;
    std::vector<Operation> queue;
};

Driver& driver();

// What a call needs: an initialised driver; a context that is current on this thread, and no failure before.
CUresult ready();
CUresult ready_with_context();

// Whether this thread captures a stream, when calls that wait or allocate are forbidden. Breaks the capture.
bool forbidden_while_capturing();

// Carries out what is queued; gives the sticky error.
CUresult flush();
// Queues an operation, or puts it into the graph that the stream captures.
CUresult submit(CUstream stream, Operation operation);
bool known(CUstream stream);

// memory.cpp
bool is_device(uintptr_t address);
bool inside_allocation(uintptr_t address, size_t bytes);
bool is_pinned(uintptr_t address, size_t bytes);
CUresult allocate(CUdeviceptr* pointer, size_t bytes);
void release(uintptr_t address);
void release_all();

}

#define LOCKED() const std::lock_guard<std::recursive_mutex> held(emulated::driver().lock)
#define NEEDS_DRIVER()                                                                       \
    LOCKED();                                                                                \
    if (const CUresult wrong = emulated::ready(); wrong != CUDA_SUCCESS) return wrong
#define NEEDS_CONTEXT()                                                                      \
    LOCKED();                                                                                \
    if (const CUresult wrong = emulated::ready_with_context(); wrong != CUDA_SUCCESS) return wrong
#define NEEDS_CONTEXT_AND_NO_CAPTURE()                                                       \
    NEEDS_CONTEXT();                                                                         \
    if (emulated::forbidden_while_capturing()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
#define NEEDS(condition)                                                                     \
    if (!(condition)) return CUDA_ERROR_INVALID_VALUE
