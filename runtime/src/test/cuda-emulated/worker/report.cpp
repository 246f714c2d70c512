// Purpose: words findings: kind, kernel, line, what happened.

#include "report.h"

#include <algorithm>
#include <set>
#include <utility>

#include "block.h"

namespace emulated {
namespace {

constexpr size_t MOST_FINDINGS = 20;

std::set<std::pair<Kind, const void*>> known;
Findings findings;

const char* word(Kind kind) {
    switch (kind) {
        case BOUNDS: return "out of bounds";
        case UNINITIALISED: return "uninitialised";
        case RACE: return "data race";
        case BARRIER: return "divergent barrier";
        case WARP: return "warp mask";
        case DEADLOCK: return "deadlock";
        case TRAP: return "trap";
        case CRASH: return "crash";
        default: return "timeout";
    }
}

CUresult result_of(Kind kind) {
    switch (kind) {
        case BOUNDS:
        case CRASH: return CUDA_ERROR_ILLEGAL_ADDRESS;
        case TIMEOUT: return CUDA_ERROR_LAUNCH_TIMEOUT;
        case TRAP: return CUDA_ERROR_ASSERT;
        default: return CUDA_ERROR_LAUNCH_FAILED;
    }
}

}

void finding(Kind kind, const void* return_address, const std::string& text) {
    if (!known.insert({kind, return_address}).second || known.size() > MOST_FINDINGS) return;
    if (findings.result == CUDA_SUCCESS) findings.result = result_of(kind);
    findings.lines += std::string(word(kind)) + ": kernel " + running.kernel->name + ", " + running.module->line(return_address) + ": " + text + "\n";
}

Findings take_findings() {
    known.clear();
    return std::exchange(findings, Findings());
}

}
