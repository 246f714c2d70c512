// Purpose: allocations: of the device, first fit in the arena, with a gap behind each; of pinned host memory; the memory pool, which is the same
// allocator behind the names of the pool.

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "state.h"

namespace emulated {
namespace {

// New memory holds what a program must not count on: NaN as floats. Past this, what was there before.
constexpr size_t MOST_POISONED = 16 << 20;
constexpr uint32_t POISON = 0x7fcbabed;
// The pages of allocations from this size on go back to the system.
constexpr size_t WORTH_GIVING_BACK = 1 << 20;

uint64_t reserved() { return driver().most_used; }

size_t granules(size_t bytes) { return (bytes + GRANULE - 1) / GRANULE; }

void own(const Span& span, uint32_t number) {
    uint32_t* owners = driver().memory->owners() + (span.start - BASE) / GRANULE;
    for (size_t i = 0; i < granules(span.bytes); i++) owners[i] = number;
}

// The lowest place with so many granules and one more.
uintptr_t place(size_t bytes) {
    const Memory& memory = *driver().memory;
    const size_t needed = (granules(bytes) + 1) * GRANULE;
    uintptr_t at = BASE + GRANULE;
    for (const auto& [start, number] : driver().allocations) {
        if (start - at >= needed && start > at) return at;
        at = start + (granules(memory.spans()[number].bytes) + 1) * GRANULE;
    }
    return at + needed <= BASE + memory.arena_bytes ? at : 0;
}

}

bool is_device(uintptr_t address) { return driver().memory->contains(address); }

bool inside_allocation(uintptr_t address, size_t bytes) {
    const Span* span = driver().memory->owner(address);
    return span != nullptr && address >= span->start && address + bytes <= span->start + span->bytes;
}

bool is_pinned(uintptr_t address, size_t bytes) {
    auto found = driver().pinned.upper_bound(address);
    return found != driver().pinned.begin() && (--found, address + bytes <= found->first + found->second);
}

CUresult allocate(CUdeviceptr* pointer, size_t bytes) {
    Driver& known = driver();
    NEEDS(pointer != nullptr && bytes > 0);
    if (bytes > known.limit - known.used) flush();   // frees what waits to be freed
    if (known.sticky != CUDA_SUCCESS) return known.sticky;
    if (bytes > known.limit - known.used || (known.free_numbers.empty() && known.next_number == MOST_SPANS)) return CUDA_ERROR_OUT_OF_MEMORY;
    const uintptr_t start = place(bytes);
    if (start == 0) return CUDA_ERROR_OUT_OF_MEMORY;
    uint32_t number;
    if (known.free_numbers.empty()) {
        number = known.next_number++;
    } else {
        number = known.free_numbers.back();
        known.free_numbers.pop_back();
    }
    Span& span = known.memory->spans()[number];
    span = {start, bytes};
    own(span, number);
    known.allocations[start] = number;
    known.used += bytes;
    known.most_used = std::max(known.most_used, known.used);
    uint32_t* words = reinterpret_cast<uint32_t*>(start);
    if (bytes <= MOST_POISONED) std::fill(words, words + granules(bytes) * GRANULE / sizeof *words, POISON);
    *pointer = start;
    return CUDA_SUCCESS;
}

void release(uintptr_t address) {
    Driver& known = driver();
    const auto found = known.allocations.find(address);
    if (found == known.allocations.end()) return;
    const Span span = known.memory->spans()[found->second];
    own(span, 0);
    known.used -= span.bytes;
    known.free_numbers.push_back(found->second);
    known.allocations.erase(found);
    if (span.bytes >= WORTH_GIVING_BACK) {
        const uintptr_t page = (span.start + 4095) / 4096 * 4096, end = (span.start + span.bytes) / 4096 * 4096;
        if (end > page) madvise(reinterpret_cast<void*>(page), end - page, MADV_REMOVE);
    }
}

void release_all() {
    while (!driver().allocations.empty()) release(driver().allocations.begin()->first);
    for (const auto& [address, bytes] : driver().pinned) std::free(reinterpret_cast<void*>(address));
    driver().pinned.clear();
}

}

using namespace emulated;

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    return allocate(pointer, bytes);
}

CUresult cuMemFree_v2(CUdeviceptr pointer) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    if (pointer == 0) return CUDA_SUCCESS;
    const CUresult status = flush();
    NEEDS(driver().allocations.count(pointer) == 1);
    release(pointer);
    return status;
}

CUresult cuMemAllocAsync(CUdeviceptr* pointer, size_t bytes, CUstream stream) {
    NEEDS_CONTEXT();
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    // A graph could allocate; nothing here needs that, and Quern must not do it unawares.
    if (stream != nullptr && stream->capture != nullptr) return CUDA_ERROR_NOT_SUPPORTED;
    return allocate(pointer, bytes);
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* pointer, size_t bytes, CUmemoryPool pool, CUstream stream) {
    NEEDS(pool != nullptr);
    return cuMemAllocAsync(pointer, bytes, stream);
}

CUresult cuMemFreeAsync(CUdeviceptr pointer, CUstream stream) {
    NEEDS_CONTEXT();
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (stream != nullptr && stream->capture != nullptr) return CUDA_ERROR_NOT_SUPPORTED;
    NEEDS(driver().allocations.count(pointer) == 1);
    for (const Operation& queued : driver().queue) NEEDS(queued.kind != Operation::FREE || queued.to != pointer);
    Operation operation = {};
    operation.kind = Operation::FREE;
    operation.to = pointer;
    return submit(stream, operation);
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    NEEDS_CONTEXT();
    NEEDS(free != nullptr && total != nullptr);
    *total = driver().limit;
    *free = driver().limit - driver().used;
    return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* start, size_t* bytes, CUdeviceptr pointer) {
    NEEDS_CONTEXT();
    const Span* span = driver().memory->owner(pointer);
    if (span == nullptr) return CUDA_ERROR_NOT_FOUND;
    if (start != nullptr) *start = span->start;
    if (bytes != nullptr) *bytes = span->bytes;
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void** pointer, size_t bytes, unsigned int) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    NEEDS(pointer != nullptr && bytes > 0);
    void* memory = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (memory == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
    driver().pinned[reinterpret_cast<uintptr_t>(memory)] = bytes;
    *pointer = memory;
    return CUDA_SUCCESS;
}
CUresult cuMemAllocHost_v2(void** pointer, size_t bytes) { return cuMemHostAlloc(pointer, bytes, 0); }

CUresult cuMemFreeHost(void* pointer) {
    NEEDS_CONTEXT_AND_NO_CAPTURE();
    const CUresult status = flush();
    NEEDS(driver().pinned.erase(reinterpret_cast<uintptr_t>(pointer)) == 1);
    std::free(pointer);
    return status;
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
    NEEDS_DRIVER();
    NEEDS(pool != nullptr);
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *pool = reinterpret_cast<CUmemoryPool>(&driver());
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) { return cuDeviceGetDefaultMemPool(pool, device); }

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, int attribute, void* value) {
    NEEDS_DRIVER();
    NEEDS(pool != nullptr && value != nullptr && attribute >= 1 && attribute <= 8);
    if (attribute == 4) std::memcpy(&driver().release_threshold, value, sizeof(uint64_t));
    if (attribute == 6 || attribute == 8) driver().most_used = driver().used;
    return CUDA_SUCCESS;
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, int attribute, void* value) {
    NEEDS_DRIVER();
    NEEDS(pool != nullptr && value != nullptr && attribute >= 1 && attribute <= 8);
    if (attribute <= 3) {
        const int yes = 1;   // reuse, in its three kinds
        std::memcpy(value, &yes, sizeof yes);
        return CUDA_SUCCESS;
    }
    const uint64_t values[] = {driver().release_threshold, reserved(), reserved(), driver().used, driver().most_used};
    std::memcpy(value, values + (attribute - 4), sizeof(uint64_t));
    return CUDA_SUCCESS;
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t) {
    NEEDS_DRIVER();
    NEEDS(pool != nullptr);
    return CUDA_SUCCESS;
}

}
