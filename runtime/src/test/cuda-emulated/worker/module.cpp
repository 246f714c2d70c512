// Purpose: loads modules and reads what their ELF files say about shared arrays and lines.

#include "module.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "../common/process.h"

namespace emulated {
namespace {

// "kernel(float*)::tile" and "_ZZ6kernelE4tile" are both tile.
std::string plain_name(const char* symbol) {
    int status = 0;
    char* readable = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
    std::string name = readable == nullptr ? symbol : readable;
    std::free(readable);
    const size_t colons = name.rfind("::");
    name = colons == std::string::npos ? name : name.substr(colons + 2);
    return name.substr(0, name.find('.'));
}

void read_shared_arrays(Module& module) {
    std::ifstream in(module.path, std::ios::binary);
    const std::vector<char> file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(file.data());
    const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(file.data() + header->e_shoff);
    const char* names = file.data() + sections[header->e_shstrndx].sh_offset;
    size_t shared = 0;
    for (size_t i = 1; i < header->e_shnum; i++) {
        if (std::strcmp(names + sections[i].sh_name, "quern_shared") == 0) {
            shared = i;
            module.shared_begin = module.begin + sections[i].sh_addr;
            module.shared_end = module.shared_begin + sections[i].sh_size;
        }
    }
    for (size_t i = 1; shared != 0 && i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        const auto* symbols = reinterpret_cast<const ElfW(Sym)*>(file.data() + sections[i].sh_offset);
        const char* texts = file.data() + sections[sections[i].sh_link].sh_offset;
        for (size_t k = 0; k < sections[i].sh_size / sizeof(ElfW(Sym)); k++) {
            if (symbols[k].st_shndx == shared && symbols[k].st_size > 0) {
                module.arrays.push_back({module.begin + symbols[k].st_value, symbols[k].st_size, plain_name(texts + symbols[k].st_name)});
            }
        }
    }
    std::sort(module.arrays.begin(), module.arrays.end(), [](auto& a, auto& b) { return a.start < b.start; });
}

void find_image(Module& module) {
    link_map* map = nullptr;
    dlinfo(module.handle, RTLD_DI_LINKMAP, &map);
    module.begin = map->l_addr;
    module.end = module.begin;
    dl_iterate_phdr([](dl_phdr_info* info, size_t, void* data) {
        Module& wanted = *static_cast<Module*>(data);
        if (info->dlpi_addr != wanted.begin) return 0;
        for (int i = 0; i < info->dlpi_phnum; i++) {
            if (info->dlpi_phdr[i].p_type == PT_LOAD) {
                wanted.end = std::max<uintptr_t>(wanted.end, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
            }
        }
        return 1;
    }, &module);
}

}

const SharedArray* Module::array(uintptr_t address) const {
    for (const SharedArray& each : arrays) {
        if (address >= each.start && address < each.start + each.bytes) return &each;
    }
    return nullptr;
}

std::string Module::line(const void* return_address) const {
    const uintptr_t at = reinterpret_cast<uintptr_t>(return_address) - 1;
    if (at < begin || at >= end) return "outside of the module";
    std::ostringstream offset;
    offset << "0x" << std::hex << at - begin;
    std::string said;
    if (run_program({"addr2line", "-i", "-e", path, offset.str()}, said) != 0) return "offset " + offset.str();
    std::istringstream lines(said);
    std::string chosen;
    for (std::string line; std::getline(lines, line);) {
        line = line.substr(0, line.find(" ("));
        // The compiler puts "/." for the folder that it ran in, before names that begin without a slash.
        const size_t folder = line.find("/./");
        line = folder == std::string::npos ? line : line.substr(folder + 3);
        if (chosen.empty()) chosen = line;
        if (line.find("/device/") == std::string::npos && line.find("prelude.cu") == std::string::npos) return line;
    }
    return chosen;
}

std::vector<uint32_t> parameter_offsets(const emulated_kernel& kernel) {
    std::vector<uint32_t> offsets;
    uint32_t at = 0;
    for (unsigned i = 0; i < kernel.parameters; i++) {
        at = (at + kernel.alignments[i] - 1) / kernel.alignments[i] * kernel.alignments[i];
        offsets.push_back(at);
        at += kernel.sizes[i];
    }
    offsets.push_back(at);
    return offsets;
}

std::string load_module(const std::string& path, Module& module) {
    module.path = path;
    module.handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module.handle == nullptr) return dlerror();
    const auto* kernel = static_cast<const emulated_kernel*>(dlsym(module.handle, "quern_emulated_kernels"));
    if (kernel == nullptr) return "it has no table of kernels";
    for (; kernel->name != nullptr; kernel++) module.kernels.push_back(kernel);
    find_image(module);
    read_shared_arrays(module);
    return "";
}

void unload_module(Module& module) {
    if (module.handle != nullptr) dlclose(module.handle);
    module = Module();
}

}
