// Purpose: one block of a launch: its threads, one after the other as far as barriers let them.

#pragma once

#include <cstdint>
#include <string>

#include "fibers.h"
#include "module.h"

namespace emulated {

struct Index {
    uint32_t x, y, z;
};

struct Thread {
    enum State : uint8_t { RUNNING, AT_BARRIER, IN_WARP, FINISHED };

    Index index;
    uint32_t number;              // in the block
    State state;
    int operation;                // of the exchange that it waits in
    uint32_t mask;
    int sum;                      // what the last barrier gave
    uint64_t value;               // what it brings to an exchange
    uint64_t others[32];          // what the last exchange gave
    uint32_t clock[32];           // how far it has seen each lane of its warp come; its own entry counts its __syncwarp
    uint32_t segment;             // watch.cpp: what it did since it last met another thread; 0 if that has no number yet
    const void* site;             // where it waits
    Fiber* fiber;

    unsigned lane() const { return number % 32; }
};

// What runs now. One block at a time: a worker is one thread.
struct Running {
    const Module* module = nullptr;
    const emulated_kernel* kernel = nullptr;
    uint64_t block = 0;           // its number in the grid
    uint32_t threads = 0;
    uint32_t epoch = 0;           // how many barriers the block has passed
    uint32_t dynamic_bytes = 0;
    Thread* thread = nullptr;
};
extern Running running;

// Prepares a launch: the kernel's arguments and dimensions.
void begin_launch(const Module& module, const emulated_kernel& kernel, void** arguments, const uint32_t* grid, const uint32_t* block,
                  uint32_t dynamic_bytes);

// Runs a block to its end; false if it was given up (report.h says why).
bool run_block(uint64_t number);

// Gives up the block from within one of its threads.
[[noreturn]] void abandon_block();

// "thread (1,0,0) of block (2,0,0)"
std::string who(uint32_t thread);
std::string who_of_block(uint64_t block);
// What extern __shared__ arrays are.
extern "C" char emulated_dynamic_shared[];

}
