// Purpose: compiles a CUDA source with g++ into a shared library: preprocess, rewrite (kernel_text.cpp), compile. What was compiled is kept in
// a folder, named by a hash of everything that decides it.

#include "compiler.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "../common/process.h"
#include "../common/settings.h"
#include "kernel_text.h"

namespace emulated {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

void write_file(const std::string& path, const std::string& contents) {
    std::ofstream(path, std::ios::binary) << contents;
}

std::string hash(const std::vector<std::string>& parts) {
    uint64_t a = 0xcbf29ce484222325u, b = 0x9ae16a3b2f90404fu;
    for (const std::string& part : parts) {
        for (unsigned char c : part) {
            a = (a ^ c) * 0x100000001b3u;
            b = (b + c) * 0xff51afd7ed558ccdu;
            b ^= b >> 29;
        }
        a = (a ^ 0x100) * 0x100000001b3u;
    }
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
    return text;
}

// "file:12:5: error: text" becomes "file(12): error: text"; what says where an error comes from stays as it is.
std::string as_nvrtc_says(const std::string& log) {
    std::istringstream lines(log);
    std::string said;
    for (std::string line; std::getline(lines, line);) {
        const size_t kind = line.find(": error: ") != std::string::npos ? line.find(": error: ") : line.find(": fatal error: ");
        if (kind != std::string::npos) {
            const size_t column = line.rfind(':', kind - 1);
            const size_t row = column == std::string::npos || column == 0 ? column : line.rfind(':', column - 1);
            if (row != std::string::npos && column != row) {
                line = line.substr(0, row) + "(" + line.substr(row + 1, column - row - 1) + ")" + line.substr(kind);
            }
        }
        said += line + "\n";
    }
    return said;
}

std::vector<std::string> machine_flags() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
        return {"-mavx2", "-mfma"};
    }
#endif
    return {};
}

// A watched module has its accesses told to functions of the worker's; memory is accessed as written, loops are not turned into memcpy.
std::vector<std::string> code_flags(const CompilerOptions& options) {
    std::vector<std::string> flags = machine_flags();
    flags.push_back(options.contract ? "-ffp-contract=fast" : "-ffp-contract=off");
    if (checked()) {
        for (const char* flag : {"-O1", "-fsanitize=thread,bounds", "--param=tsan-instrument-func-entry-exit=0",
                                 "-fno-tree-loop-distribute-patterns"}) {
            flags.push_back(flag);
        }
    } else {
        flags.push_back("-O2");
    }
    // Version 4: addr2line of binutils 2.40 misreads version 5's files.
    for (const char* flag : {"-g1", "-gdwarf-4", "-w", "-fPIC", "-fvisibility=hidden", "-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math",
                             "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-asynchronous-unwind-tables",
                             // What calls the worker is what its findings name; a frame that is too large meets the guard.
                             "-fno-optimize-sibling-calls", "-fstack-clash-protection"}) {
        flags.push_back(flag);
    }
    return flags;
}

// A folder for files in between; gone at the end.
class Workplace {
  public:
    explicit Workplace(const std::string& parent) : folder(parent + "/compile.XXXXXX") {
        made = mkdtemp(folder.data()) != nullptr;
    }
    ~Workplace() {
        for (const char* name : {"kernels.cu", "kernels.ii", "rewritten.ii", "module.so"}) unlink(path(name).c_str());
        rmdir(folder.c_str());
    }
    std::string path(const std::string& name) const { return folder + "/" + name; }
    bool made;

  private:
    std::string folder;
};

}

Compilation compile_kernels(const std::string& source, const std::string& name, const CompilerOptions& options) {
    Compilation result;
    const std::string compiler = text_setting("QUERN_EMULATED_CXX", EMULATED_CXX);
    const std::string home = own_folder();
    const std::string cache = text_setting("QUERN_EMULATED_CACHE", home + "/cache");
    std::vector<std::string> preprocess = {compiler, "-E", "-x", "c++", "-std=gnu" + options.standard.substr(1), "-I" + home + "/device",
                                           "-include", home + "/device/emulated.h", "-D__CUDACC__=1", "-D__CUDACC_RTC__=1",
                                           "-D__CUDA_ARCH__=" + std::to_string(options.architecture)};
    preprocess.insert(preprocess.end(), options.defines.begin(), options.defines.end());
    std::vector<std::string> compile = {compiler, "-x", "c++-cpp-output", "-std=gnu" + options.standard.substr(1)};
    for (const std::string& flag : code_flags(options)) compile.push_back(flag);

    std::vector<std::string> decides = {EMULATED_BUILD, source, name};
    decides.insert(decides.end(), preprocess.begin() + 1, preprocess.end());
    decides.insert(decides.end(), compile.begin(), compile.end());
    const std::string kept = cache + "/" + hash(decides) + ".so";
    result.module = read_file(kept);
    if (!result.module.empty()) {
        result.succeeded = true;
        return result;
    }

    mkdir(cache.c_str(), 0777);
    const Workplace workplace(cache);
    if (!workplace.made) {
        result.log = "cannot write to " + cache;
        return result;
    }
    write_file(workplace.path("kernels.cu"), "# 1 \"" + name + "\"\n" + source);
    preprocess.insert(preprocess.end(), {workplace.path("kernels.cu"), "-o", workplace.path("kernels.ii")});
    std::string said;
    int status = run_program(preprocess, said);
    if (status == 0) {
        try {
            write_file(workplace.path("rewritten.ii"), rewrite_kernels(read_file(workplace.path("kernels.ii"))));
        } catch (const TextError& e) {
            result.log = name + "(1): error: " + e.what() + "\n";
            return result;
        }
        // Where it happens to run is no part of the lines' names, nor of the hash: see worker/module.cpp.
        char folder[4096];
        if (getcwd(folder, sizeof folder) != nullptr) compile.push_back(std::string("-fdebug-prefix-map=") + folder + "=/.");
        compile.insert(compile.end(), {workplace.path("rewritten.ii"), "-shared", "-nostdlib", "-Wl,-Bsymbolic", "-o",
                                       workplace.path("module.so")});
        said.clear();
        status = run_program(compile, said);
    }
    if (status != 0) {
        result.log = status == -1 ? "cannot run " + compiler + "\n" : as_nvrtc_says(said);
        return result;
    }
    result.module = read_file(workplace.path("module.so"));
    // A second process may do the same: the last one's file stays, and both are whole.
    rename(workplace.path("module.so").c_str(), kept.c_str());
    result.succeeded = true;
    return result;
}

}
