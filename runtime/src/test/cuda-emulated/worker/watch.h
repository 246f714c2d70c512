// Purpose: looks at each access of a kernel that was compiled to tell of them.
//
//   out of bounds   outside of every live allocation, every shared array, the thread's own stack
//   uninitialised   shared memory that nobody of this block has written
//   data race       two threads, the same byte, one of them writes, and neither a barrier of the block nor a __syncwarp of both orders
//                   them; between blocks of a launch nothing orders. Atomic functions race with plain accesses alone.

#pragma once

#include <cstddef>

#include "../common/link.h"

namespace emulated {

enum class Access { READ, WRITE, ATOMIC };

// Turns watching on, for the life of the worker.
void start_checking(const Memory& memory);
bool checking();

// Before a launch and before each of its blocks.
void watch_launch();
void watch_block();

void watch(const void* address, size_t bytes, Access access, const void* return_address);

}
