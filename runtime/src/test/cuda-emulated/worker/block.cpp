// Purpose: runs a block. A thread runs until it waits or ends; while threads are left that have not begun, a fiber whose thread ended takes the
// next one, so that a kernel without barriers runs on a single stack. Threads that waited go on in the order in which they were released.

#include "block.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "../common/link.h"
#include "report.h"
#include "watch.h"

extern "C" {
emulated::Index threadIdx, blockIdx, blockDim, gridDim;
}

namespace emulated {

alignas(128) char emulated_dynamic_shared[MOST_SHARED_BYTES + 4096];
Running running;

namespace {

// Where nobody has written, shared memory holds this: NaN as a float.
constexpr unsigned char POISON[4] = {0xed, 0xab, 0xd5, 0x7f};
constexpr uint64_t OF_A_LANE_THAT_LEFT = 0x7fd5abed7fd5abedu;

Thread threads[MOST_THREADS];
Fiber fibers[MOST_THREADS];
Fiber* idle[MOST_THREADS];
unsigned idle_count = 0, made_fibers = 0;
Fiber scheduler;
Fiber* current_fiber = nullptr;
void** launch_arguments = nullptr;
bool abandoned = false;
uint32_t begun = 0, finished = 0;
uint32_t at_barrier = 0;
int barrier_sum = 0;
// A ring of those that may go on: no more than all of them.
Thread* ready[MOST_THREADS];
uint32_t ready_first = 0, ready_count = 0;

void enter(Thread& thread) {
    running.thread = &thread;
    thread.state = Thread::RUNNING;
    threadIdx = thread.index;
}

// Leaves the thread that runs until it is released.
void wait_here(Thread& thread) {
    thread.fiber = current_fiber;
    switch_fiber(*current_fiber, scheduler);
    enter(thread);
}

void release(Thread& thread) {
    if (&thread != running.thread) ready[(ready_first + ready_count++) % MOST_THREADS] = &thread;
    thread.segment = 0;
}

void open_barrier() {
    running.epoch++;
    for (uint32_t i = 0; i < running.threads; i++) {
        if (threads[i].state == Thread::AT_BARRIER) {
            threads[i].sum = barrier_sum;
            threads[i].state = Thread::RUNNING;
            release(threads[i]);
        } else {
            threads[i].segment = 0;
        }
    }
    at_barrier = 0;
    barrier_sum = 0;
}

// The lanes of a mask that exist and have not ended.
uint32_t live_lanes(uint32_t mask, const Thread& of) {
    const uint32_t first = of.number - of.lane();
    uint32_t live = 0;
    for (uint32_t lane = 0; lane < 32 && first + lane < running.threads; lane++) {
        if (threads[first + lane].state != Thread::FINISHED) live |= 1u << lane;
    }
    return mask & live;
}

// Completes the exchange that a thread waits in, if all lanes have come.
void try_exchange(Thread& thread) {
    const uint32_t live = live_lanes(thread.mask, thread);
    Thread* warp = threads + (thread.number - thread.lane());
    uint64_t values[32];
    uint32_t seen[32] = {};
    for (unsigned lane = 0; lane < 32; lane++) {
        values[lane] = OF_A_LANE_THAT_LEFT;
        if (!(live >> lane & 1u)) continue;
        const Thread& other = warp[lane];
        if (other.state != Thread::IN_WARP || other.mask != thread.mask || other.operation != thread.operation) return;
        values[lane] = other.value;
        for (unsigned i = 0; i < 32; i++) seen[i] = std::max(seen[i], other.clock[i]);
    }
    for (unsigned lane = 0; lane < 32; lane++) {
        if (!(live >> lane & 1u)) continue;
        Thread& other = warp[lane];
        std::memcpy(other.others, values, sizeof values);
        if (thread.operation == 0) {
            std::memcpy(other.clock, seen, sizeof seen);
            other.clock[lane]++;
        }
        other.state = Thread::RUNNING;
        release(other);
    }
}

void finish(Thread& thread) {
    thread.state = Thread::FINISHED;
    finished++;
    running.thread = nullptr;
    if (at_barrier > 0 && at_barrier + finished == running.threads) {
        if (checking()) {
            for (uint32_t i = 0; i < running.threads; i++) {
                if (threads[i].state == Thread::AT_BARRIER) {
                    finding(BARRIER, threads[i].site, who(i) + " waits at a barrier that " + who(thread.number) + " ended without");
                    break;
                }
            }
        }
        open_barrier();
    }
    Thread* warp = threads + (thread.number - thread.lane());
    for (uint32_t lane = 0; lane < 32 && warp + lane < threads + running.threads; lane++) {
        if (warp[lane].state == Thread::IN_WARP) try_exchange(warp[lane]);
    }
}

void fiber_body() {
    for (;;) {
        while (begun < running.threads) {
            Thread& thread = threads[begun++];
            enter(thread);
            running.kernel->call(launch_arguments);
            finish(thread);
        }
        idle[idle_count++] = current_fiber;
        switch_fiber(*current_fiber, scheduler);
    }
}

void resume(Fiber& fiber) {
    current_fiber = &fiber;
    switch_fiber(scheduler, fiber);
}

Fiber& fresh_fiber() {
    if (idle_count > 0) return *idle[--idle_count];
    Fiber& fiber = fibers[made_fibers++];
    prepare_fiber(fiber, fiber_body);
    return fiber;
}

void reset_threads() {
    begun = finished = at_barrier = 0;
    barrier_sum = 0;
    ready_first = ready_count = 0;
    for (uint32_t i = 0; i < running.threads; i++) {
        Thread& thread = threads[i];
        thread.index = {i % blockDim.x, i / blockDim.x % blockDim.y, i / blockDim.x / blockDim.y};
        thread.number = i;
        thread.state = Thread::RUNNING;
        thread.segment = 0;
        std::memset(thread.clock, 0, sizeof thread.clock);
        thread.clock[thread.lane()] = 1;
    }
}

void poison(char* first, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) first[i] = static_cast<char>(POISON[i % 4]);
}

std::string name_of_wait(const Thread& thread) {
    if (thread.state == Thread::AT_BARRIER) return "a barrier of the block";
    char text[80];
    std::snprintf(text, sizeof text, "%s of the lanes 0x%08x", thread.operation == 0 ? "__syncwarp" : "a shuffle or vote", thread.mask);
    return text;
}

// Nothing can go on: two waits that exclude each other.
void report_deadlock() {
    const Thread* first = nullptr;
    for (uint32_t i = 0; i < running.threads; i++) {
        const Thread& thread = threads[i];
        if (thread.state == Thread::FINISHED) continue;
        if (first == nullptr) {
            first = &thread;
        } else if (thread.site != first->site || thread.mask != first->mask || thread.state != first->state) {
            finding(DEADLOCK, first->site, who(first->number) + " waits at " + name_of_wait(*first) + ", " + who(thread.number) + " at "
                    + name_of_wait(thread) + " (" + running.module->line(thread.site) + ")");
            return;
        }
    }
    finding(DEADLOCK, first->site, who(first->number) + " waits at " + name_of_wait(*first) + " for ever");
}

std::string triple(Index index) {
    return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

}

std::string who_of_block(uint64_t block) {
    return "block " + triple({static_cast<uint32_t>(block % gridDim.x), static_cast<uint32_t>(block / gridDim.x % gridDim.y),
                              static_cast<uint32_t>(block / gridDim.x / gridDim.y)});
}

std::string who(uint32_t thread) { return "thread " + triple(threads[thread].index) + " of " + who_of_block(running.block); }

void begin_launch(const Module& module, const emulated_kernel& kernel, void** arguments, const uint32_t* grid, const uint32_t* block,
                  uint32_t dynamic_bytes) {
    running.module = &module;
    running.kernel = &kernel;
    running.threads = block[0] * block[1] * block[2];
    running.dynamic_bytes = dynamic_bytes;
    launch_arguments = arguments;
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block[0], block[1], block[2]};
}

bool run_block(uint64_t number) {
    running.block = number;
    running.epoch = 0;
    blockIdx = {static_cast<uint32_t>(number % gridDim.x), static_cast<uint32_t>(number / gridDim.x % gridDim.y),
                static_cast<uint32_t>(number / gridDim.x / gridDim.y)};
    reset_threads();
    poison(reinterpret_cast<char*>(running.module->shared_begin), running.module->shared_bytes());
    poison(emulated_dynamic_shared, running.dynamic_bytes);
    abandoned = false;
    while (!abandoned && finished < running.threads) {
        if (begun < running.threads) {
            resume(fresh_fiber());
        } else if (ready_count > 0) {
            Thread* next = ready[ready_first];
            ready_first = (ready_first + 1) % MOST_THREADS;
            ready_count--;
            resume(*next->fiber);
        } else {
            report_deadlock();
            abandoned = true;
        }
    }
    running.thread = nullptr;
    if (abandoned) {
        // The stacks hold threads that will never go on: all fibers begin anew.
        idle_count = 0;
        made_fibers = 0;
    }
    return !abandoned;
}

void abandon_block() {
    abandoned = true;
    switch_fiber(*current_fiber, scheduler);
    __builtin_unreachable();
}

}

using namespace emulated;

extern "C" {

int emulated_barrier(int value) {
    Thread& thread = *running.thread;
    thread.state = Thread::AT_BARRIER;
    thread.site = __builtin_return_address(0);
    barrier_sum += value;
    at_barrier++;
    if (at_barrier + finished == running.threads) {
        if (finished > 0 && checking()) {
            finding(BARRIER, thread.site, who(thread.number) + " waits at a barrier that other threads of the block ended without");
        }
        open_barrier();
    } else {
        wait_here(thread);
    }
    return thread.sum;
}

const uint64_t* emulated_exchange(uint32_t mask, uint64_t value, int operation) {
    Thread& thread = *running.thread;
    thread.site = __builtin_return_address(0);
    if (!(mask >> thread.lane() & 1u)) {
        finding(WARP, thread.site, who(thread.number) + " is not among the lanes that its mask names");
        abandon_block();
    }
    thread.state = Thread::IN_WARP;
    thread.mask = mask;
    thread.value = value;
    thread.operation = operation;
    try_exchange(thread);
    if (thread.state == Thread::IN_WARP) wait_here(thread);
    return thread.others;
}

void emulated_stranger(uint32_t mask, int lane) {
    char text[96];
    std::snprintf(text, sizeof text, " takes the value of lane %d, which its mask 0x%08x does not name", lane, mask);
    if (checking()) finding(WARP, __builtin_return_address(0), who(running.thread->number) + text);
}

uint32_t emulated_lane(void) { return running.thread->lane(); }

void emulated_trap(const char* what, const char* file, int line) {
    finding(TRAP, __builtin_return_address(0), who(running.thread->number) + " fails at " + what
            + (*file != '\0' ? " (" + std::string(file) + ":" + std::to_string(line) + ")" : ""));
    abandon_block();
}

}
