// Purpose: fibers. On x86-64 a switch saves what the calling convention keeps and changes the stack, in a dozen instructions; elsewhere
// it is ucontext's.

#include "fibers.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "../common/link.h"

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace emulated {
namespace {

// The lowest page of each stack is a guard.
constexpr size_t STACK_BYTES = 128 * 1024;
constexpr size_t GUARD_BYTES = 4096;
// Stacks begin at different offsets, else the tops of all of them would compete for the same few lines of the cache.
constexpr size_t COLOUR_BYTES = 320;
constexpr size_t COLOURS = 97;

char* stacks() {
    static char* all = [] {
        void* mapped = mmap(nullptr, MOST_THREADS * STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        for (size_t i = 0; i < MOST_THREADS; i++) mprotect(static_cast<char*>(mapped) + i * STACK_BYTES, GUARD_BYTES, PROT_NONE);
        return static_cast<char*>(mapped);
    }();
    return all;
}

size_t used_stacks = 0;

void give_stack(Fiber& fiber) {
    if (fiber.stack == nullptr) {
        if (used_stacks == MOST_THREADS) std::abort();
        fiber.top = stacks() + (used_stacks + 1) * STACK_BYTES - used_stacks % COLOURS * COLOUR_BYTES;
        fiber.stack = stacks() + used_stacks++ * STACK_BYTES;
    }
}

}

bool on_fiber_stack(const void* address) {
    const char* at = static_cast<const char*>(address);
    return at >= stacks() && at < stacks() + MOST_THREADS * STACK_BYTES;
}

bool below_fiber_stack(const void* address) {
    return on_fiber_stack(address) && (static_cast<const char*>(address) - stacks()) % STACK_BYTES < GUARD_BYTES;
}

#if defined(__x86_64__)

extern "C" void emulated_switch(void** from, void* to);
__asm__(R"(
    .text
    .globl emulated_switch
    .type emulated_switch, @function
emulated_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size emulated_switch, . - emulated_switch
)");

void prepare_fiber(Fiber& fiber, void (*body)()) {
    give_stack(fiber);
    void** top = reinterpret_cast<void**>(fiber.top);
    *--top = nullptr;   // the place of a return address: a function begins with its stack 8 bytes past a multiple of 16
    *--top = reinterpret_cast<void*>(body);
    for (int i = 0; i < 6; i++) *--top = nullptr;
    fiber.context = top;
}

void switch_fiber(Fiber& from, Fiber& to) { emulated_switch(&from.context, to.context); }

#else

void prepare_fiber(Fiber& fiber, void (*body)()) {
    give_stack(fiber);
    if (fiber.context == nullptr) fiber.context = new ucontext_t;
    ucontext_t* context = static_cast<ucontext_t*>(fiber.context);
    getcontext(context);
    context->uc_stack.ss_sp = fiber.stack + GUARD_BYTES;
    context->uc_stack.ss_size = fiber.top - fiber.stack - GUARD_BYTES;
    context->uc_link = nullptr;
    makecontext(context, body, 0);
}

void switch_fiber(Fiber& from, Fiber& to) {
    if (from.context == nullptr) from.context = new ucontext_t;
    swapcontext(static_cast<ucontext_t*>(from.context), static_cast<ucontext_t*>(to.context));
}

#endif

}
