// Purpose: the interface of NVRTC, version 13, before a C++ compiler. Declared here as far as Quern calls it.

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "../common/settings.h"
#include "compiler.h"

namespace {

enum Result {
    SUCCESS = 0,
    PROGRAM_CREATION_FAILURE = 2,
    INVALID_INPUT = 3,
    INVALID_PROGRAM = 4,
    INVALID_OPTION = 5,
    COMPILATION = 6
};

struct Program {
    std::string source, name, log;
    std::string module;
    bool compiled = false;
};

std::mutex lock;
std::map<void*, std::unique_ptr<Program>> programs;

Program* find(void* handle) {
    const std::lock_guard<std::mutex> held(lock);
    const auto found = programs.find(handle);
    return found == programs.end() ? nullptr : found->second.get();
}

bool starts(const std::string& text, const char* beginning) { return text.rfind(beginning, 0) == 0; }

// Reads an option; false if NVRTC has none like it.
bool read_option(const std::string& option, emulated::CompilerOptions& options) {
    const size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (name == "-arch" || name == "--gpu-architecture") {
        const size_t number = value.find('_');
        options.architecture = number == std::string::npos ? 0 : std::atoi(value.c_str() + number + 1) * 10;
        return options.architecture > 0;
    }
    if (name == "-std" || name == "--std") {
        options.standard = value;
        return starts(value, "c++");
    }
    if (name == "-fmad" || name == "--fmad") {
        options.contract = value == "true";
        return value == "true" || value == "false";
    }
    if (starts(option, "-D")) {
        options.defines.push_back(option);
        return option.size() > 2;
    }
    if (name == "--define-macro") {
        options.defines.push_back("-D" + value);
        return !value.empty();
    }
    for (const char* harmless : {"-lineinfo", "--generate-line-info", "-G", "--device-debug", "-default-device", "--device-as-default-execution-space",
                                 "-maxrregcount", "--maxrregcount", "--ptxas-options", "-Xptxas", "-w", "--disable-warnings", "-restrict",
                                 "--restrict", "--extra-device-vectorization", "-extra-device-vectorization", "--display-error-number",
                                 "-err-no", "--no-display-error-number", "-no-err-no"}) {
        if (name == harmless) return true;
    }
    return false;
}

Result give(const std::string& text, char* to) {
    if (to == nullptr) return INVALID_INPUT;
    std::memcpy(to, text.data(), text.size());
    return SUCCESS;
}

const std::string PTX = "// The emulated NVRTC makes no PTX: its modules are compiled for the processor.\n";

}

extern "C" {

Result nvrtcVersion(int* major, int* minor) {
    if (major == nullptr || minor == nullptr) return INVALID_INPUT;
    // Programs kept on disk are named after the version: each build of the emulation, watching or not, has its own.
    *major = 13;
    *minor = (emulated::checked() ? 2'000'000 : 1'000'000) + static_cast<int>(std::strtoull(EMULATED_BUILD, nullptr, 10) % 1'000'000);
    return SUCCESS;
}

Result nvrtcGetNumSupportedArchs(int* count) {
    if (count == nullptr) return INVALID_INPUT;
    *count = 1;
    return SUCCESS;
}

Result nvrtcGetSupportedArchs(int* architectures) {
    if (architectures == nullptr) return INVALID_INPUT;
    architectures[0] = 80;
    return SUCCESS;
}

const char* nvrtcGetErrorString(Result result) {
    switch (result) {
        case SUCCESS: return "NVRTC_SUCCESS";
        case PROGRAM_CREATION_FAILURE: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
        case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
        case INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
        case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
        case COMPILATION: return "NVRTC_ERROR_COMPILATION";
        default: return "NVRTC_ERROR unknown";
    }
}

Result nvrtcCreateProgram(void** handle, const char* source, const char* name, int headers, const char* const*, const char* const*) {
    if (handle == nullptr || source == nullptr || headers < 0) return INVALID_INPUT;
    if (headers > 0) return PROGRAM_CREATION_FAILURE;
    auto program = std::make_unique<Program>();
    program->source = source;
    program->name = name == nullptr || *name == '\0' ? "default_program" : name;
    *handle = program.get();
    const std::lock_guard<std::mutex> held(lock);
    programs[*handle] = std::move(program);
    return SUCCESS;
}

Result nvrtcDestroyProgram(void** handle) {
    if (handle == nullptr) return INVALID_PROGRAM;
    const std::lock_guard<std::mutex> held(lock);
    if (programs.erase(*handle) == 0) return INVALID_PROGRAM;
    *handle = nullptr;
    return SUCCESS;
}

Result nvrtcCompileProgram(void* handle, int count, const char* const* texts) {
    Program* program = find(handle);
    if (program == nullptr) return INVALID_PROGRAM;
    emulated::CompilerOptions options;
    for (int i = 0; i < count; i++) {
        if (!read_option(texts[i], options)) {
            program->log = std::string("nvrtc: error: invalid value for or unknown option: ") + texts[i] + "\n";
            return INVALID_OPTION;
        }
    }
    emulated::Compilation compilation = emulated::compile_kernels(program->source, program->name, options);
    program->log = compilation.log;
    program->module = std::move(compilation.module);
    program->compiled = compilation.succeeded;
    return compilation.succeeded ? SUCCESS : COMPILATION;
}

Result nvrtcGetProgramLogSize(void* handle, size_t* bytes) {
    const Program* program = find(handle);
    if (program == nullptr || bytes == nullptr) return program == nullptr ? INVALID_PROGRAM : INVALID_INPUT;
    *bytes = program->log.size() + 1;
    return SUCCESS;
}

Result nvrtcGetProgramLog(void* handle, char* log) {
    const Program* program = find(handle);
    return program == nullptr ? INVALID_PROGRAM : give(program->log + '\0', log);
}

Result nvrtcGetCUBINSize(void* handle, size_t* bytes) {
    const Program* program = find(handle);
    if (program == nullptr || !program->compiled || bytes == nullptr) return INVALID_PROGRAM;
    *bytes = program->module.size();
    return SUCCESS;
}

Result nvrtcGetCUBIN(void* handle, char* to) {
    const Program* program = find(handle);
    return program == nullptr || !program->compiled ? INVALID_PROGRAM : give(program->module, to);
}

Result nvrtcGetPTXSize(void* handle, size_t* bytes) {
    const Program* program = find(handle);
    if (program == nullptr || !program->compiled || bytes == nullptr) return INVALID_PROGRAM;
    *bytes = PTX.size() + 1;
    return SUCCESS;
}

Result nvrtcGetPTX(void* handle, char* to) {
    const Program* program = find(handle);
    return program == nullptr || !program->compiled ? INVALID_PROGRAM : give(PTX + '\0', to);
}

}
