#!/bin/sh
# Builds the emulated CUDA device: libcuda.so.1, libnvrtc.so.13 and the worker.
#
#   build.sh OUT
#
# Programs see the device when LD_LIBRARY_PATH names OUT. Where the system or the compiler is missing, it says so, builds nothing and
# succeeds: tests then find no device, and say why they are skipped. CXX chooses the compiler. What is built already is kept.
set -eu
source=$(cd "$(dirname "$0")" && pwd)
out=$1
compiler=${CXX:-g++}

absent() {
  echo "emulated CUDA device: not built, $1"
  exit 0
}
[ "$(uname -s)" = Linux ] || absent "it needs Linux"
command -v "$compiler" > /dev/null || absent "$compiler is not there"
command -v addr2line > /dev/null || absent "addr2line is not there"

version=$("$compiler" --version | head -n 1)
build=$( (cd "$source" && cat build.sh common/* device/* driver/* nvrtc/* worker/*; echo "$compiler $version") | cksum | cut -d ' ' -f 1)
mkdir -p "$out/device"
[ "$(cat "$out/built" 2> /dev/null || true)" != "$build" ] || exit 0
rm -f "$out/built"
cp "$source"/device/* "$out/device/"

flags="-std=c++17 -O2 -Wall -Wextra -Wno-missing-field-initializers"
define="-DEMULATED_BUILD=\"$build\" -DEMULATED_CXX=\"$compiler\""
library="-fPIC -shared"
"$compiler" $flags $define $library -Wl,-soname,libcuda.so.1 -o "$out/libcuda.so.1" "$source"/driver/*.cpp "$source"/common/*.cpp -ldl &
driver=$!
"$compiler" $flags $define $library -Wl,-soname,libnvrtc.so.13 -o "$out/libnvrtc.so.13" "$source"/nvrtc/*.cpp "$source"/common/*.cpp -ldl &
nvrtc=$!
# Modules find the worker's functions, and the C library's for mathematics, in the worker.
"$compiler" $flags $define -rdynamic -Wl,--no-as-needed -o "$out/worker" "$source"/worker/*.cpp "$source"/common/*.cpp -ldl -lm
wait $driver
wait $nvrtc
echo "$build" > "$out/built"
echo "emulated CUDA device: built in $out with $version"
