// Purpose: what environment variables say, read once. docs/cuda-emulated.md lists them.

#pragma once

#include <cstdlib>
#include <string>

namespace emulated {

inline long long setting(const char* name, long long otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? otherwise : std::atoll(value);
}

inline std::string text_setting(const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? otherwise : value;
}

// Whether each access of a kernel is watched.
inline bool checked() { return setting("QUERN_EMULATED_CHECK", 0) != 0; }

}
