// Purpose: threads of a block as fibers: functions with stacks of their own, between which the worker switches.

#pragma once

#include <cstddef>

namespace emulated {

struct Fiber {
    void* context = nullptr;   // where it stopped; what that is depends on the processor
    char* stack = nullptr;     // its lowest byte
    char* top = nullptr;       // past the highest that is used, a multiple of 16
};

// Makes a fiber begin, at the next switch to it, with this function, which never returns.
void prepare_fiber(Fiber& fiber, void (*body)());

// Leaves `from` and goes on in `to`.
void switch_fiber(Fiber& from, Fiber& to);

// Where the stacks of all fibers lie, and whether an address is in the page below one.
bool on_fiber_stack(const void* address);
bool below_fiber_stack(const void* address);

}
