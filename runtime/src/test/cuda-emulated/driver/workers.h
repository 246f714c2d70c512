// Purpose: the processes in which kernels run, seen from the driver.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "../common/abi.h"
#include "../common/link.h"
#include "state.h"

namespace emulated {

class Workers {
  public:
    // Starts them; empty() says whether that failed.
    Workers(int memory_descriptor, const Memory& memory, unsigned count);
    ~Workers();
    Workers(const Workers&) = delete;

    bool empty() const { return workers.empty(); }
    size_t count() const { return workers.size(); }

    // Loads a module into all of them; `kernels` is what the first one says.
    CUresult load(uint32_t module, const std::string& path, std::string& kernels);
    void unload(uint32_t module);
    // Runs a launch to its end. What was found went where findings go.
    CUresult launch(const Operation& operation);

  private:
    struct Worker {
        pid_t process;
        int socket;
    };
    bool send_to(const Worker& worker, const Request& request, const std::string& tail);
    CUresult answer_of(const Worker& worker, std::string& text, bool& completed);
    void stop();

    const Memory& memory;
    std::vector<Worker> workers;
};

}
