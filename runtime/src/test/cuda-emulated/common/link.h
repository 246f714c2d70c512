// Purpose: what the driver (in the JVM) and its worker processes share: one mapping of memory at the same address in all of them, and messages.
//
//   BASE                          arena: the device's memory; a CUdeviceptr is an address in it
//   BASE + arena                  Control
//   … + CONTROL_BYTES             owners: for each GRANULE of the arena the number of its allocation, 0 if it has none
//   … + owners                    spans: first byte and size of each allocation, by number
//
// The file behind it is sparse: what nobody touches takes no memory.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace emulated {

constexpr uintptr_t BASE = 0x100000000000;
constexpr size_t GRANULE = 256;
constexpr size_t CONTROL_BYTES = 4096;
constexpr size_t MOST_SPANS = 1 << 20;
constexpr size_t MOST_MESSAGE_BYTES = 128 * 1024;
constexpr unsigned MOST_THREADS = 1024;
constexpr unsigned MOST_SHARED_BYTES = 99 * 1024;   // of a block, static and dynamic together

// Where worker processes find what they inherit.
constexpr int MEMORY_DESCRIPTOR = 3;
constexpr int SOCKET_DESCRIPTOR = 4;

struct Span {
    uint64_t start;
    uint64_t bytes;
};

struct Control {
    // The next block of the launch that runs; workers take blocks from it.
    std::atomic<uint64_t> next_block;
};

struct Memory {
    size_t arena_bytes;

    explicit Memory(size_t arena) : arena_bytes(arena) {}
    Control* control() const { return reinterpret_cast<Control*>(BASE + arena_bytes); }
    uint32_t* owners() const { return reinterpret_cast<uint32_t*>(BASE + arena_bytes + CONTROL_BYTES); }
    Span* spans() const { return reinterpret_cast<Span*>(BASE + arena_bytes + CONTROL_BYTES + arena_bytes / GRANULE * sizeof(uint32_t)); }
    size_t whole() const {
        return arena_bytes + CONTROL_BYTES + arena_bytes / GRANULE * sizeof(uint32_t) + MOST_SPANS * sizeof(Span);
    }
    bool contains(uintptr_t address) const { return address >= BASE && address < BASE + arena_bytes; }

    // The allocation whose granules this address lies in; null if there is none.
    const Span* owner(uintptr_t address) const {
        const uint32_t number = contains(address) ? owners()[(address - BASE) / GRANULE] : 0;
        return number == 0 ? nullptr : spans() + number;
    }
};

enum class Command : uint32_t { LOAD, UNLOAD, LAUNCH };

// LOAD: behind it stands the path of a module. LAUNCH: the arguments, each at its aligned offset.
struct Request {
    Command command;
    uint32_t module;
    uint32_t kernel;
    uint32_t grid[3];
    uint32_t block[3];
    uint32_t dynamic_bytes;
    uint32_t tail_bytes;
};

// Behind it stands text: of LOAD the kernels, one a line ("name most_threads shared_bytes [offset:size …]"), of LAUNCH what was found.
struct Reply {
    uint32_t status;      // a CUresult: of a launch that completed, what its findings would be on a device
    uint32_t completed;   // 0: the worker is gone or will be
    uint32_t tail_bytes;
};

}
