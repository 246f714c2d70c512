// Purpose: the process in which kernels run, so that the JVM lives whatever they do. It maps the device's memory, answers requests, and ends
// when the driver closes its end of the socket.
//
//   worker ARENA_BYTES CHECK TIMEOUT_SECONDS

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "../common/link.h"
#include "block.h"
#include "report.h"
#include "watch.h"

using namespace emulated;

namespace {

alignas(16) char message[MOST_MESSAGE_BYTES];
std::map<uint32_t, Module> modules;
unsigned timeout_seconds = 0;

void answer(CUresult status, bool completed, std::string text) {
    text.resize(std::min(text.size(), MOST_MESSAGE_BYTES - sizeof(Reply)));
    const Reply reply = {static_cast<uint32_t>(status), completed, static_cast<uint32_t>(text.size())};
    std::string whole(reinterpret_cast<const char*>(&reply), sizeof reply);
    whole += text;
    while (send(SOCKET_DESCRIPTOR, whole.data(), whole.size(), MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) std::_Exit(1);
    }
}

void load(const Request& request) {
    Module& module = modules[request.module];
    const std::string error = load_module(std::string(message + sizeof(Request), request.tail_bytes), module);
    if (!error.empty()) {
        modules.erase(request.module);
        answer(CUDA_ERROR_INVALID_IMAGE, true, error);
        return;
    }
    std::ostringstream kernels;
    for (const emulated_kernel* kernel : module.kernels) {
        kernels << kernel->name << ' ' << kernel->most_threads << ' ' << module.shared_bytes();
        const std::vector<uint32_t> offsets = parameter_offsets(*kernel);
        for (unsigned i = 0; i < kernel->parameters; i++) kernels << ' ' << offsets[i] << ':' << kernel->sizes[i];
        kernels << '\n';
    }
    answer(CUDA_SUCCESS, true, kernels.str());
}

void launch(const Request& request, const Memory& memory) {
    const Module& module = modules.at(request.module);
    const emulated_kernel& kernel = *module.kernels[request.kernel];
    // Static, so that the arguments lie in the worker's image: see watch.cpp.
    alignas(16) static char values[MOST_MESSAGE_BYTES];
    std::memcpy(values, message + sizeof(Request), request.tail_bytes);
    static void* arguments[4096];
    const std::vector<uint32_t> offsets = parameter_offsets(kernel);
    for (unsigned i = 0; i < kernel.parameters; i++) arguments[i] = values + offsets[i];
    begin_launch(module, kernel, arguments, request.grid, request.block, request.dynamic_bytes);
    if (checking()) watch_launch();
    const uint64_t blocks = static_cast<uint64_t>(request.grid[0]) * request.grid[1] * request.grid[2];
    bool completed = true;
    alarm(timeout_seconds);
    for (uint64_t block; completed && (block = memory.control()->next_block.fetch_add(1)) < blocks;) {
        if (checking()) watch_block();
        completed = run_block(block);
    }
    alarm(0);
    const Findings findings = take_findings();
    answer(findings.result, completed, findings.lines);
}

// The process is lost, but not what it can tell.
void on_signal(int signal, siginfo_t* info, void* context) {
    static bool again = false;
    if (again) std::_Exit(1);
    again = true;
    const void* pc = nullptr;
#if defined(__x86_64__)
    pc = reinterpret_cast<const void*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] + 1);
#else
    (void)context;
#endif
    if (running.thread == nullptr) {
        answer(CUDA_ERROR_LAUNCH_FAILED, false, "the worker got signal " + std::to_string(signal) + " outside of a kernel\n");
        std::_Exit(1);
    }
    char what[128];
    const bool memory = signal == SIGSEGV || signal == SIGBUS;
    if (signal == SIGALRM) {
        std::snprintf(what, sizeof what, " has not ended within %u seconds of the launch", timeout_seconds);
    } else if (memory && below_fiber_stack(info->si_addr)) {
        std::snprintf(what, sizeof what, " has no stack left");
    } else if (memory) {
        std::snprintf(what, sizeof what, " accesses address %p, which is no memory", info->si_addr);
    } else if (signal == SIGFPE) {
        std::snprintf(what, sizeof what, " divides an integer by 0");
    } else {
        std::snprintf(what, sizeof what, " gets signal %d", signal);
    }
    finding(signal == SIGALRM ? TIMEOUT : CRASH, pc, who(running.thread->number) + what);
    const Findings findings = take_findings();
    answer(findings.result, false, findings.lines);
    std::_Exit(1);
}

void catch_signals() {
    static char stack[256 * 1024];
    stack_t alternate = {};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGABRT}) sigaction(signal, &action, nullptr);
    // These are for the JVM, which closes the socket when it has ended what it does.
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
}

}

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "worker of the emulated CUDA device: started by its driver only\n");
        return 2;
    }
    const Memory memory(std::strtoull(arguments[1], nullptr, 10));
    timeout_seconds = static_cast<unsigned>(std::atoi(arguments[3]));
    void* mapped = mmap(reinterpret_cast<void*>(BASE), memory.whole(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_NORESERVE,
                        MEMORY_DESCRIPTOR, 0);
    if (mapped != reinterpret_cast<void*>(BASE)) {
        std::perror("worker of the emulated CUDA device: no memory at its address");
        return 1;
    }
    if (std::atoi(arguments[2]) != 0) start_checking(memory);
    catch_signals();
    for (;;) {
        const ssize_t bytes = recv(SOCKET_DESCRIPTOR, message, sizeof message, 0);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < static_cast<ssize_t>(sizeof(Request))) return 0;
        Request request;
        std::memcpy(&request, message, sizeof request);
        switch (request.command) {
            case Command::LOAD: load(request); break;
            case Command::UNLOAD:
                unload_module(modules[request.module]);
                modules.erase(request.module);
                answer(CUDA_SUCCESS, true, "");
                break;
            case Command::LAUNCH: launch(request, memory); break;
        }
    }
}
