// Purpose: bounds, initialisation and races of each access. Each byte of the device's memory and of shared memory has a cell, which remembers
// its last write and two of its last reads. An access is remembered as the number of a segment: what one thread does between two
// meetings with other threads. Numbers only grow, so that cells of earlier launches and blocks need not be cleared.

#include "watch.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "block.h"
#include "report.h"

extern "C" char __executable_start, _end;

namespace emulated {
namespace {

struct Segment {
    uint64_t block;
    uint32_t thread, epoch, clock;
};

// Places are instructions, as offsets into the module; the highest bit of a write's says that it was atomic.
struct Cell {
    uint32_t write, write_place;
    uint32_t read, read_place;
    uint32_t other_read, other_place;
};
constexpr uint32_t ATOMIC_BIT = 0x80000000u;

Memory device(0);
bool on = false;
Cell* global_cells = nullptr;
Cell* static_cells = nullptr;     // of the module's shared arrays
Cell* dynamic_cells = nullptr;
constexpr size_t SHARED_CELLS = MOST_SHARED_BYTES + 4096;

std::vector<Segment> segments;
uint32_t base = 1;                // the number of segments[0]
uint32_t of_block = 1;            // the first number of the block that runs

Cell* cells(size_t count) {
    void* mapped = mmap(nullptr, count * sizeof(Cell), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        std::perror("emulated CUDA device: no address space for checking");
        std::exit(1);
    }
    return static_cast<Cell*>(mapped);
}

uint32_t segment_of(Thread& thread) {
    if (thread.segment == 0) {
        thread.segment = base + static_cast<uint32_t>(segments.size());
        segments.push_back({running.block, thread.number, running.epoch, thread.clock[thread.lane()]});
    }
    return thread.segment;
}

// Whether an access of a segment may happen at the same time as the thread's next one.
bool concurrent(uint32_t number, uint32_t from, const Thread& thread) {
    if (number < from) return false;
    const Segment& other = segments[number - base];
    if (other.block != running.block) return true;
    if (other.thread == thread.number || other.epoch != running.epoch) return false;
    return other.thread / 32 != thread.number / 32 || thread.clock[other.thread % 32] < other.clock;
}

const char* verb(Access access) {
    return access == Access::READ ? "reads" : access == Access::WRITE ? "writes" : "changes atomically";
}

std::string bytes_text(size_t bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

// Where an address is, in words.
std::string place(uintptr_t address) {
    const std::string before = "byte ";
    if (const SharedArray* array = running.module->array(address)) {
        return before + std::to_string(address - array->start) + " of shared " + array->name + " (" + bytes_text(array->bytes) + ")";
    }
    const uintptr_t dynamic = reinterpret_cast<uintptr_t>(emulated_dynamic_shared);
    if (address >= dynamic && address < dynamic + SHARED_CELLS) {
        return before + std::to_string(address - dynamic) + " of dynamic shared memory (" + bytes_text(running.dynamic_bytes) + ")";
    }
    if (address >= running.module->shared_begin && address < running.module->shared_end + 64) {
        const SharedArray* nearest = nullptr;
        for (const SharedArray& each : running.module->arrays) nearest = each.start <= address ? &each : nearest;
        if (nearest != nullptr) {
            return bytes_text(address - nearest->start - nearest->bytes + 1) + " past the last of shared " + nearest->name + " ("
                    + bytes_text(nearest->bytes) + ")";
        }
    }
    if (!device.contains(address)) {
        char text[32];
        std::snprintf(text, sizeof text, "address 0x%llx", static_cast<unsigned long long>(address));
        return std::string(text) + ", which is no device memory";
    }
    // The allocation that it lies in, else the nearest one before it.
    for (size_t granule = (address - BASE) / GRANULE;; granule--) {
        if (const Span* span = device.owner(BASE + granule * GRANULE); span != nullptr && span->start <= address) {
            const uint64_t at = address - span->start;
            return at < span->bytes ? before + std::to_string(at) + " of an allocation of " + bytes_text(span->bytes)
                                    : bytes_text(at - span->bytes + 1) + " past the last of an allocation of " + bytes_text(span->bytes);
        }
        if (granule == 0) return "device memory that nobody allocated";
    }
}

void report_race(const Thread& thread, uintptr_t address, size_t bytes, Access access, const void* where, uint32_t other, uint32_t other_place,
                 const char* did) {
    const Segment segment = segments[other - base];
    const bool same = segment.block == running.block;
    const void* there = reinterpret_cast<const void*>(running.module->begin + (other_place & ~ATOMIC_BIT));
    const uint64_t block = running.block;
    running.block = segment.block;
    const std::string who_else = who(segment.thread);
    running.block = block;
    finding(RACE, where, who(thread.number) + " " + verb(access) + " " + bytes_text(bytes) + " at " + place(address) + ", which " + who_else
            + " " + did + " at " + running.module->line(there) + (same ? ", and no barrier is between" : ""));
}

void update(Cell& cell, uint32_t from, Thread& thread, uint32_t segment, uint32_t at, uintptr_t address, size_t bytes, Access access,
            const void* where) {
    const bool both_atomic = access == Access::ATOMIC && (cell.write_place & ATOMIC_BIT) != 0;
    if (!both_atomic && concurrent(cell.write, from, thread)) {
        report_race(thread, address, bytes, access, where, cell.write, cell.write_place,
                    (cell.write_place & ATOMIC_BIT) != 0 ? "changed atomically" : "wrote");
    }
    if (access == Access::READ) {
        if (cell.read < from || !concurrent(cell.read, from, thread)) {
            cell.read = segment;
            cell.read_place = at;
        } else {
            cell.other_read = segment;
            cell.other_place = at;
        }
        return;
    }
    if (concurrent(cell.read, from, thread)) {
        report_race(thread, address, bytes, access, where, cell.read, cell.read_place, "read");
    } else if (concurrent(cell.other_read, from, thread)) {
        report_race(thread, address, bytes, access, where, cell.other_read, cell.other_place, "read");
    }
    cell.write = segment;
    cell.write_place = at | (access == Access::ATOMIC ? ATOMIC_BIT : 0);
}

bool within(uintptr_t address, size_t bytes, uintptr_t begin, uintptr_t end) { return address >= begin && address + bytes <= end; }

void out_of_bounds(const Thread& thread, uintptr_t address, size_t bytes, Access access, const void* where) {
    finding(BOUNDS, where, who(thread.number) + " " + verb(access) + " " + bytes_text(bytes) + " at " + place(address));
}

// The cells of an address, or null after a finding; also null where nothing need be remembered.
Cell* find_cells(const Thread& thread, uintptr_t address, size_t bytes, Access access, const void* where, bool& shared) {
    shared = false;
    if (device.contains(address)) {
        const Span* span = device.owner(address);
        if (span != nullptr && within(address, bytes, span->start, span->start + span->bytes)) return global_cells + (address - BASE);
        out_of_bounds(thread, address, bytes, access, where);
        return nullptr;
    }
    if (on_fiber_stack(reinterpret_cast<const void*>(address))) return nullptr;
    const Module& module = *running.module;
    const uintptr_t dynamic = reinterpret_cast<uintptr_t>(emulated_dynamic_shared);
    if (within(address, bytes, dynamic, dynamic + running.dynamic_bytes)) {
        shared = true;
        return dynamic_cells + (address - dynamic);
    }
    if (address >= module.shared_begin && address < module.shared_end) {
        const SharedArray* array = module.array(address);
        if (array != nullptr && within(address, bytes, array->start, array->start + array->bytes)) {
            shared = true;
            return static_cells + (address - module.shared_begin);
        }
    } else if (address >= module.begin && address < module.end) {
        return nullptr;
    } else if (access == Access::READ && (address < dynamic || address >= dynamic + SHARED_CELLS)
               && within(address, bytes, reinterpret_cast<uintptr_t>(&__executable_start), reinterpret_cast<uintptr_t>(&_end))) {
        return nullptr;   // threadIdx and its like, the arguments
    }
    out_of_bounds(thread, address, bytes, access, where);
    return nullptr;
}

}

void start_checking(const Memory& memory) {
    device = memory;
    global_cells = cells(memory.arena_bytes);
    static_cells = cells(SHARED_CELLS);
    dynamic_cells = cells(SHARED_CELLS);
    on = true;
}

bool checking() { return on; }

void watch_launch() {
    base += static_cast<uint32_t>(segments.size());
    segments.clear();
    if (base > 0x40000000u) {
        // Numbers begin anew, on cells that hold none.
        for (auto& [start, count] : {std::pair(global_cells, device.arena_bytes), std::pair(static_cells, SHARED_CELLS),
                                     std::pair(dynamic_cells, SHARED_CELLS)}) {
            madvise(start, count * sizeof(Cell), MADV_DONTNEED);
        }
        base = 1;
    }
}

void watch_block() { of_block = base + static_cast<uint32_t>(segments.size()); }

void watch(const void* pointer, size_t bytes, Access access, const void* where) {
    if (!on || running.thread == nullptr) return;
    Thread& thread = *running.thread;
    const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
    bool shared;
    Cell* cell = find_cells(thread, address, bytes, access, where, shared);
    if (cell == nullptr) return;
    const uint32_t from = shared ? of_block : base;
    const uint32_t segment = segment_of(thread);
    const uint32_t at = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(where) - running.module->begin);
    for (size_t i = 0; i < bytes; i++) {
        if (shared && access != Access::WRITE && cell[i].write < from) {
            finding(UNINITIALISED, where, who(thread.number) + " " + verb(access) + " " + bytes_text(bytes) + " at " + place(address + i)
                    + ", which no thread of its block has written");
            break;
        }
    }
    for (size_t i = 0; i < bytes; i++) {
        update(cell[i], from, thread, segment, at, address, bytes, access, where);
    }
}

}
