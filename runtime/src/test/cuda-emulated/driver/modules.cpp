// Purpose: modules, functions and launches.

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "../common/settings.h"
#include "state.h"
#include "workers.h"

using namespace emulated;

namespace {

// How long an image is that begins here: what g++ links ends with the table of its sections. 0 if it is none of ours.
size_t image_bytes(const void* image) {
    ElfW(Ehdr) header;
    std::memcpy(&header, image, sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_DYN) return 0;
    return header.e_shoff + static_cast<size_t>(header.e_shentsize) * header.e_shnum;
}

// A line of a worker's answer.
CUfunc_st read_function(CUmodule module, uint32_t number, const std::string& line) {
    CUfunc_st function = {};
    function.module = module;
    function.number = number;
    std::istringstream words(line);
    words >> function.name >> function.most_threads >> function.static_shared;
    uint32_t offset, size;
    for (char colon; words >> offset >> colon >> size;) function.parameters.push_back({offset, size});
    return function;
}

bool known_function(CUfunction function) {
    for (const auto& [handle, module] : driver().modules) {
        for (const CUfunc_st& each : module->functions) {
            if (&each == function) return true;
        }
    }
    return false;
}

}

extern "C" {

CUresult cuModuleLoadData(CUmodule* handle, const void* image) {
    NEEDS_CONTEXT();
    NEEDS(handle != nullptr && image != nullptr);
    const size_t bytes = image_bytes(image);
    if (bytes == 0) return CUDA_ERROR_INVALID_IMAGE;
    std::string path = text_setting("TMPDIR", "/tmp") + "/emulated-cuda-XXXXXX";
    const int file = mkstemp(path.data());
    if (file < 0 || write(file, image, bytes) != static_cast<ssize_t>(bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    close(file);
    auto module = std::make_unique<CUmod_st>();
    module->number = driver().next_module++;
    module->path = path;
    std::string kernels;
    if (const CUresult status = driver().workers->load(module->number, path, kernels); status != CUDA_SUCCESS) {
        unlink(path.c_str());
        return status;
    }
    std::istringstream lines(kernels);
    for (std::string line; std::getline(lines, line);) {
        module->functions.push_back(read_function(module.get(), static_cast<uint32_t>(module->functions.size()), line));
    }
    *handle = module.get();
    driver().modules[*handle] = std::move(module);
    return CUDA_SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule* handle, const void* image, unsigned int, int*, void**) { return cuModuleLoadData(handle, image); }

CUresult cuModuleUnload(CUmodule handle) {
    NEEDS_CONTEXT();
    const auto found = driver().modules.find(handle);
    if (found == driver().modules.end()) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult status = flush();
    driver().workers->unload(found->second->number);
    unlink(found->second->path.c_str());
    driver().modules.erase(found);
    return status;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
    NEEDS_CONTEXT();
    NEEDS(function != nullptr && name != nullptr);
    const auto found = driver().modules.find(handle);
    if (found == driver().modules.end()) return CUDA_ERROR_INVALID_HANDLE;
    for (CUfunc_st& each : found->second->functions) {
        if (each.name == name) {
            *function = &each;
            return CUDA_SUCCESS;
        }
    }
    return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncGetParamInfo(CUfunction function, size_t index, size_t* offset, size_t* size) {
    NEEDS_CONTEXT();
    if (!known_function(function)) return CUDA_ERROR_INVALID_HANDLE;
    NEEDS(offset != nullptr && index < function->parameters.size());
    *offset = function->parameters[index].first;
    if (size != nullptr) *size = function->parameters[index].second;
    return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int* value, int attribute, CUfunction function) {
    NEEDS_CONTEXT();
    NEEDS(value != nullptr);
    if (!known_function(function)) return CUDA_ERROR_INVALID_HANDLE;
    switch (attribute) {
        case 0: *value = static_cast<int>(function->most_threads); break;
        case 1: *value = static_cast<int>(function->static_shared); break;
        case 4: *value = 32; break;                 // registers: as many as leave the occupancy to the rest
        case 5: case 6: *value = 80; break;         // versions of its code
        case 8: *value = static_cast<int>(function->most_dynamic_shared); break;
        default: *value = 0;                        // constant and local memory among them
    }
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
    NEEDS_CONTEXT();
    if (!known_function(function)) return CUDA_ERROR_INVALID_HANDLE;
    if (attribute == 9) return CUDA_SUCCESS;        // how to divide a cache that is not there
    NEEDS(attribute == 8 && value >= 0 && value + function->static_shared <= MOST_SHARED_BYTES);
    function->most_dynamic_shared = static_cast<uint32_t>(value);
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t dynamic_bytes) {
    NEEDS_CONTEXT();
    if (!known_function(function)) return CUDA_ERROR_INVALID_HANDLE;
    NEEDS(blocks != nullptr && threads > 0);
    const size_t shared = function->static_shared + dynamic_bytes + 1024;
    const size_t by_threads = static_cast<size_t>(threads) > function->most_threads ? 0 : 2048 / ((threads + 31) / 32 * 32);
    *blocks = static_cast<int>(std::min<size_t>({16, by_threads, 100 * 1024 / shared}));
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function, int threads, size_t bytes, unsigned int) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, bytes);
}

CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x,
                        unsigned int block_y, unsigned int block_z, unsigned int dynamic_bytes, CUstream stream, void** parameters, void** extra) {
    NEEDS_CONTEXT();
    if (!known_function(function) || !known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    NEEDS(extra == nullptr && (parameters != nullptr || function->parameters.empty()));
    NEEDS(grid_x > 0 && grid_y > 0 && grid_z > 0 && grid_x <= 0x7fffffff && grid_y <= 65535 && grid_z <= 65535);
    NEEDS(block_x > 0 && block_y > 0 && block_z > 0 && block_z <= 64);
    const uint64_t threads = static_cast<uint64_t>(block_x) * block_y * block_z;
    NEEDS(block_x <= MOST_THREADS && block_y <= MOST_THREADS && threads <= MOST_THREADS);
    if (threads > function->most_threads) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    NEEDS(dynamic_bytes <= function->most_dynamic_shared && dynamic_bytes + function->static_shared <= MOST_SHARED_BYTES);
    NEEDS(function->static_shared <= 48 * 1024 && (function->most_dynamic_shared > 48 * 1024 || dynamic_bytes + function->static_shared <= 48 * 1024));
    Operation operation = {};
    operation.kind = Operation::KERNEL;
    operation.module = function->module->number;
    operation.kernel = function->number;
    const uint32_t grid[3] = {grid_x, grid_y, grid_z}, block[3] = {block_x, block_y, block_z};
    std::memcpy(operation.grid, grid, sizeof grid);
    std::memcpy(operation.block, block, sizeof block);
    operation.dynamic_bytes = dynamic_bytes;
    if (!function->parameters.empty()) {
        operation.arguments.resize(function->parameters.back().first + function->parameters.back().second);
    }
    for (size_t i = 0; i < function->parameters.size(); i++) {
        NEEDS(parameters[i] != nullptr);
        std::memcpy(operation.arguments.data() + function->parameters[i].first, parameters[i], function->parameters[i].second);
    }
    return submit(stream, operation);
}

}
