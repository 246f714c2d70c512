// Purpose: child processes of a process that others own (a JVM): by posix_spawn, and waited for by their own id.

#pragma once

#include <string>
#include <vector>

namespace emulated {

// Runs a program and waits. Both of its outputs go to the end of `output`. Gives the exit status, 128 + the signal, or -1 if it could not start.
int run_program(const std::vector<std::string>& command, std::string& output);

// The folder of the library or program that this function is linked into, without a slash at its end.
std::string own_folder();

}
