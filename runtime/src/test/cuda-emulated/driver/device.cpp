// Purpose: starting the driver, its one device, contexts, and what errors are called.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "../common/settings.h"
#include "state.h"
#include "workers.h"

namespace emulated {
namespace {

// The primary context: its address is all that there is to it.
char primary;
CUcontext primary_context() { return reinterpret_cast<CUcontext>(&primary); }
thread_local CUcontext current = nullptr;

int descriptor = -1;

unsigned worker_count() {
    if (checked()) return 1;
    const long cores = std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
    return static_cast<unsigned>(std::clamp(setting("QUERN_EMULATED_WORKERS", std::min(cores, 8L)), 1LL, 64LL));
}

// Reserves the device's memory, for the life of the process.
bool map_memory() {
    Driver& known = driver();
    if (known.memory != nullptr) return true;
    known.limit = static_cast<size_t>(setting("QUERN_EMULATED_MEMORY", checked() ? 1LL << 30 : 4LL << 30));
    auto memory = std::make_unique<Memory>((known.limit * 2 + (64 << 20) + 4095) / 4096 * 4096);
    descriptor = memfd_create("emulated-cuda", MFD_CLOEXEC);
    if (descriptor < 0 || ftruncate(descriptor, static_cast<off_t>(memory->whole())) != 0) return false;
    void* mapped = mmap(reinterpret_cast<void*>(BASE), memory->whole(), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_NORESERVE, descriptor, 0);
    if (mapped != reinterpret_cast<void*>(BASE)) return false;
    known.memory = std::move(memory);
    return true;
}

struct Named {
    const char* name;
    const char* text;
};

const std::map<CUresult, Named>& errors() {
    static const std::map<CUresult, Named> all = {
        {CUDA_SUCCESS, {"CUDA_SUCCESS", "no error"}},
        {CUDA_ERROR_INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
        {CUDA_ERROR_OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
        {CUDA_ERROR_NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
        {CUDA_ERROR_NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
        {CUDA_ERROR_INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
        {CUDA_ERROR_INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
        {CUDA_ERROR_INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
        {CUDA_ERROR_NO_BINARY_FOR_GPU, {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
        {CUDA_ERROR_INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
        {CUDA_ERROR_NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
        {CUDA_ERROR_NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
        {CUDA_ERROR_ILLEGAL_ADDRESS, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
        {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
        {CUDA_ERROR_LAUNCH_TIMEOUT, {"CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"}},
        {CUDA_ERROR_ASSERT, {"CUDA_ERROR_ASSERT", "device-side assert triggered"}},
        {CUDA_ERROR_MISALIGNED_ADDRESS, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
        {CUDA_ERROR_LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
        {CUDA_ERROR_NOT_SUPPORTED, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
        {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, {"CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream"}},
        {CUDA_ERROR_CAPTURED_EVENT, {"CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"}},
        {CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, {"CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "capture was begun by another thread"}},
        {CUDA_ERROR_UNKNOWN, {"CUDA_ERROR_UNKNOWN", "unknown error"}}};
    return all;
}

// Compute capability 8.0 with what its smallest relatives have.
int attribute(int number) {
    switch (number) {
        case 1: case 2: case 3: return MOST_THREADS;            // threads of a block, along x, along y
        case 4: return 64;                                      // along z
        case 5: return 0x7fffffff;                              // blocks of a grid along x
        case 6: case 7: return 65535;
        case 8: return 48 * 1024;                               // shared memory of a block
        case 9: return 64 * 1024;                               // constant memory
        case 10: return 32;                                     // lanes of a warp
        case 11: return 0x7fffffff;                             // pitch
        case 12: case 82: return 65536;                         // registers of a block, of a multiprocessor
        case 13: case 36: return 1'000'000;                     // clocks, kHz
        case 14: return 512;                                    // alignment of textures
        case 16: return static_cast<int>(worker_count());       // multiprocessors
        case 19: case 31: case 40: case 41: return 1;           // mapped host memory, concurrent kernels, copy engines, one address space
        case 37: return 64;                                     // width of the memory's bus, bits
        case 38: return 1 << 20;                                // second-level cache
        case 39: return 2048;                                   // threads of a multiprocessor
        case 75: return 8;
        case 76: return 0;
        case 81: return 100 * 1024;                             // shared memory of a multiprocessor
        case 97: return MOST_SHARED_BYTES;                      // of a block that asks for it
        case 106: return 16;                                    // blocks of a multiprocessor
        case 111: return 1024;                                  // shared memory that the system takes of a block
        case 115: return 1;                                     // memory pools
        default: return 0;
    }
}

}

// Never destroyed: threads may call until the process ends. Workers end when their sockets do.
Driver& driver() {
    static Driver& only = *new Driver;
    return only;
}

CUresult ready() { return driver().initialised ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED; }

CUresult ready_with_context() {
    if (const CUresult wrong = ready(); wrong != CUDA_SUCCESS) return wrong;
    if (current == nullptr || driver().contexts == 0) return CUDA_ERROR_INVALID_CONTEXT;
    return driver().sticky;
}

}

using namespace emulated;

extern "C" {

CUresult cuInit(unsigned int flags) {
    LOCKED();
    NEEDS(flags == 0);
    // As the real driver does where the variable hides its devices.
    if (text_setting("CUDA_VISIBLE_DEVICES", "0")[0] != '0') return CUDA_ERROR_NO_DEVICE;
    if (!map_memory()) return CUDA_ERROR_OUT_OF_MEMORY;
    driver().initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
    NEEDS(version != nullptr);
    *version = static_cast<int>(setting("QUERN_EMULATED_DRIVER", 13000));
    return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char** name) {
    NEEDS(name != nullptr);
    const auto found = errors().find(error);
    *name = found == errors().end() ? nullptr : found->second.name;
    return found == errors().end() ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult error, const char** text) {
    NEEDS(text != nullptr);
    const auto found = errors().find(error);
    *text = found == errors().end() ? nullptr : found->second.text;
    return found == errors().end() ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
    NEEDS_DRIVER();
    NEEDS(count != nullptr);
    *count = 1;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    NEEDS_DRIVER();
    NEEDS(device != nullptr);
    if (ordinal != 0) return CUDA_ERROR_INVALID_DEVICE;
    *device = 0;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(name != nullptr && length > 0);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    const std::string full = std::string("emulated") + (checked() ? " and checked" : "") + " on the processor, build " + EMULATED_BUILD;
    std::strncpy(name, full.c_str(), length - 1);
    name[length - 1] = '\0';
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(uuid != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    std::memcpy(uuid->bytes, checked() ? "emulated-checked" : "emulated--as-fast", sizeof uuid->bytes);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) { return cuDeviceGetUuid(uuid, device); }

CUresult cuDeviceGetAttribute(int* value, int number, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(value != nullptr && number > 0);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *value = attribute(number);
    return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(major != nullptr && minor != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *major = attribute(75);
    *minor = attribute(76);
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(bytes != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *bytes = driver().limit;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(context != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    Driver& known = driver();
    if (known.contexts == 0) {
        known.workers = std::make_unique<Workers>(descriptor, *known.memory, worker_count());
        if (known.workers->empty()) return CUDA_ERROR_OUT_OF_MEMORY;
    }
    known.contexts++;
    *context = primary_context();
    return CUDA_SUCCESS;
}

// The last release gives up everything that the context holds, a failure among it.
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    NEEDS_DRIVER();
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    Driver& known = driver();
    if (known.contexts == 0) return CUDA_ERROR_INVALID_CONTEXT;
    if (--known.contexts == 0) {
        flush();
        known.queue.clear();
        known.executables.clear();
        known.graphs.clear();
        known.events.clear();
        known.streams.clear();
        for (const auto& [handle, module] : known.modules) unlink(module->path.c_str());
        known.modules.clear();
        known.workers.reset();
        release_all();
        known.sticky = CUDA_SUCCESS;
    }
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned int* flags, int* active) {
    NEEDS_DRIVER();
    NEEDS(flags != nullptr && active != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *flags = 0;
    *active = driver().contexts > 0;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    NEEDS_DRIVER();
    if (context != nullptr && (context != primary_context() || driver().contexts == 0)) return CUDA_ERROR_INVALID_CONTEXT;
    current = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
    NEEDS_DRIVER();
    NEEDS(context != nullptr);
    *context = current;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice* device) {
    NEEDS_CONTEXT();
    NEEDS(device != nullptr);
    *device = 0;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    return flush();
}

}
