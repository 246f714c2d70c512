// Purpose: starts worker processes, sends them requests and reads answers; says what they found.

#include "workers.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "../common/process.h"
#include "../common/settings.h"

extern char** environ;

namespace emulated {
namespace {

// A launch that has fewer threads runs in one worker.
constexpr uint64_t WORTH_SHARING = 4096;

unsigned timeout_seconds() { return static_cast<unsigned>(setting("QUERN_EMULATED_TIMEOUT", 120)); }

pid_t start(int memory_descriptor, size_t arena_bytes, int socket) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // Through numbers out of the way: one of the two may have the other's place.
    const int memory_copy = fcntl(memory_descriptor, F_DUPFD_CLOEXEC, 100), socket_copy = fcntl(socket, F_DUPFD_CLOEXEC, 100);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, memory_copy, MEMORY_DESCRIPTOR);
    posix_spawn_file_actions_adddup2(&actions, socket_copy, SOCKET_DESCRIPTOR);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t defaults;
    sigfillset(&defaults);
    sigdelset(&defaults, SIGKILL);
    sigdelset(&defaults, SIGSTOP);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string program = own_folder() + "/worker", arena = std::to_string(arena_bytes), check = checked() ? "1" : "0",
                timeout = std::to_string(timeout_seconds());
    char* arguments[] = {program.data(), arena.data(), check.data(), timeout.data(), nullptr};
    pid_t process = -1;
    const int failed = posix_spawn(&process, program.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(memory_copy);
    close(socket_copy);
    if (failed != 0) std::fprintf(stderr, "emulated CUDA device: cannot start %s: %s\n", program.c_str(), std::strerror(failed));
    return failed == 0 ? process : -1;
}

// Findings go to the file that QUERN_EMULATED_REPORT names, and the launch counts as done; without one they are its failure.
CUresult report(CUresult status, const std::string& lines) {
    if (lines.empty()) return status;
    const std::string file = text_setting("QUERN_EMULATED_REPORT", "");
    FILE* to = file.empty() ? stderr : std::fopen(file.c_str(), "a");
    if (to == nullptr) {
        std::fprintf(stderr, "emulated CUDA device: cannot write to %s\n", file.c_str());
        to = stderr;
    }
    std::fputs(lines.c_str(), to);
    if (to == stderr) return status;
    std::fclose(to);
    return CUDA_SUCCESS;
}

}

Workers::Workers(int memory_descriptor, const Memory& shared, unsigned count) : memory(shared) {
    for (unsigned i = 0; i < count; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) break;
        const pid_t process = start(memory_descriptor, memory.arena_bytes, ends[1]);
        close(ends[1]);
        if (process < 0) {
            close(ends[0]);
            break;
        }
        // The worker itself ends a launch that takes too long; this is for a worker that does not.
        const timeval patience = {static_cast<time_t>(timeout_seconds() + 30), 0};
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        workers.push_back({process, ends[0]});
    }
    if (workers.size() < count) stop();
}

Workers::~Workers() { stop(); }

void Workers::stop() {
    for (const Worker& worker : workers) {
        close(worker.socket);
        kill(worker.process, SIGKILL);
        while (waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    workers.clear();
}

bool Workers::send_to(const Worker& worker, const Request& request, const std::string& tail) {
    std::string whole(reinterpret_cast<const char*>(&request), sizeof request);
    whole += tail;
    ssize_t sent;
    while ((sent = send(worker.socket, whole.data(), whole.size(), MSG_NOSIGNAL)) < 0 && errno == EINTR) {
    }
    return sent == static_cast<ssize_t>(whole.size());
}

CUresult Workers::answer_of(const Worker& worker, std::string& text, bool& completed) {
    std::string buffer(MOST_MESSAGE_BYTES, '\0');
    ssize_t bytes;
    while ((bytes = recv(worker.socket, buffer.data(), buffer.size(), 0)) < 0 && errno == EINTR) {
    }
    Reply reply;
    if (bytes < static_cast<ssize_t>(sizeof reply)) {
        completed = false;
        text += "crash: a worker process is gone without a word\n";
        return CUDA_ERROR_LAUNCH_FAILED;
    }
    std::memcpy(&reply, buffer.data(), sizeof reply);
    completed = reply.completed != 0;
    text += buffer.substr(sizeof reply, reply.tail_bytes);
    return static_cast<CUresult>(reply.status);
}

CUresult Workers::load(uint32_t module, const std::string& path, std::string& kernels) {
    Request request = {};
    request.command = Command::LOAD;
    request.module = module;
    request.tail_bytes = static_cast<uint32_t>(path.size());
    CUresult status = workers.empty() ? CUDA_ERROR_LAUNCH_FAILED : CUDA_SUCCESS;
    for (const Worker& worker : workers) {
        std::string text;
        bool completed = send_to(worker, request, path);
        const CUresult answered = completed ? answer_of(worker, text, completed) : CUDA_ERROR_LAUNCH_FAILED;
        if (answered != CUDA_SUCCESS) {
            std::fprintf(stderr, "emulated CUDA device: a module does not load: %s\n", text.c_str());
            status = answered;
        }
        kernels = text;
    }
    return status;
}

void Workers::unload(uint32_t module) {
    Request request = {};
    request.command = Command::UNLOAD;
    request.module = module;
    for (const Worker& worker : workers) {
        std::string text;
        bool completed = false;
        if (send_to(worker, request, "")) answer_of(worker, text, completed);
    }
}

CUresult Workers::launch(const Operation& operation) {
    if (workers.empty()) return CUDA_ERROR_LAUNCH_FAILED;
    Request request = {};
    request.command = Command::LAUNCH;
    request.module = operation.module;
    request.kernel = operation.kernel;
    std::memcpy(request.grid, operation.grid, sizeof request.grid);
    std::memcpy(request.block, operation.block, sizeof request.block);
    request.dynamic_bytes = operation.dynamic_bytes;
    request.tail_bytes = static_cast<uint32_t>(operation.arguments.size());
    const uint64_t blocks = static_cast<uint64_t>(operation.grid[0]) * operation.grid[1] * operation.grid[2];
    const uint64_t threads = blocks * operation.block[0] * operation.block[1] * operation.block[2];
    const size_t sharing = blocks > 1 && threads >= WORTH_SHARING ? workers.size() : 1;
    memory.control()->next_block = 0;
    size_t asked = 0;
    while (asked < sharing && send_to(workers[asked], request, operation.arguments)) asked++;
    CUresult status = asked < sharing ? CUDA_ERROR_LAUNCH_FAILED : CUDA_SUCCESS;
    bool whole = asked == sharing;
    std::string lines;
    for (size_t i = 0; i < asked; i++) {
        bool completed = false;
        const CUresult answered = answer_of(workers[i], lines, completed);
        status = status == CUDA_SUCCESS ? answered : status;
        whole = whole && completed;
        // The others would go on with the blocks that are left.
        if (!completed) memory.control()->next_block = blocks;
    }
    const CUresult reported = report(status, lines);
    if (!whole) {
        stop();
        return status == CUDA_SUCCESS ? CUDA_ERROR_LAUNCH_FAILED : status;
    }
    return reported;
}

}
