// Purpose: what is wrong with a kernel, in words, one line each.

#pragma once

#include <string>

#include "../common/abi.h"

namespace emulated {

enum Kind { BOUNDS, UNINITIALISED, RACE, BARRIER, WARP, DEADLOCK, TRAP, CRASH, TIMEOUT };

// Adds a finding of the launch that runs, at the instruction before `return_address`; of one kind and place the first is kept.
void finding(Kind kind, const void* return_address, const std::string& text);

struct Findings {
    CUresult result = CUDA_SUCCESS;   // what a device, or a checker that stops at what it finds, would answer
    std::string lines;
};

// Gives and forgets the findings so far.
Findings take_findings();

}
