#!/usr/bin/env bash
# Checks and then measures Quern on a machine that has an NVIDIA driver, but needs no Java, Maven or network. Prints a short table last.
#
#   bench/gpu/run.sh [--quick] [--out DIR] [--bundle FILE] [--golden DIR] [--data DIR]
#
#   --quick        ends within 3 minutes instead of 9
#   --out DIR      where logs and results go; quern-gpu-results by default
#   --bundle FILE  the archive that "./quern bundle" made; bench/target/quern-bundle.tar.gz by default
#   --golden DIR   golden cases, where the bundle has none
#   --data DIR     MNIST files, where the bundle has none
#
# Exit codes: 0 all passed; 1 something failed, or there is no NVIDIA driver; 2 wrong usage.
set -uo pipefail

say() { printf 'run.sh: %s\n' "$*" >&2; }
usage() { say "$*"; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
quick=
out=quern-gpu-results
bundle=
golden=
data=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=--quick; shift; continue ;;
    -h|--help) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    --out|--bundle|--golden|--data) [ $# -ge 2 ] || usage "$1 needs a value" ;;
    *) usage "unknown argument $1 (see run.sh --help)" ;;
  esac
  case $1 in
    --out) out=$2 ;;
    --bundle) bundle=$2 ;;
    --golden) golden=$2 ;;
    --data) data=$2 ;;
  esac
  shift 2
done
for folder in "$golden" "$data"; do
  [ -z "$folder" ] || [ -d "$folder" ] || usage "$folder: there is no such folder"
done

# Everything must be over by then, seconds after the start.
if [ -n "$quick" ]; then limit=170; else limit=525; fi
start=$SECONDS
left() { echo $((limit - (SECONDS - start))); }

# The bundle: this script lies in it, or it is unpacked to a folder of its own.
home=$here
if [ ! -x "$home/java/bin/java" ]; then
  bundle=${bundle:-$here/../target/quern-bundle.tar.gz}
  [ -f "$bundle" ] || usage "no bundle $bundle: make it with ./quern bundle, on a machine with Java and Maven"
  unpacked=$(mktemp -d) || exit 1
  trap 'rm -rf "$unpacked"' EXIT
  tar -xzf "$bundle" -C "$unpacked" || usage "$bundle cannot be unpacked"
  home=$unpacked/quern-gpu
fi
[ -n "$golden" ] || { [ -d "$home/golden" ] && golden=$home/golden; }
[ -n "$data" ] || { [ -d "$home/mnist" ] && data=$home/mnist; }
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd -P)
results=$out/results
mkdir -p "$results"

java=("$home/java/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED "-Dquern.home=$home")
main=dev.quern.examples.command.Main
library="$home/lib/*"
tests="$home/test-lib/*:$home/lib/*"
quern() { "${java[@]}" -cp "$library" "$main" "$@"; }

# The machine's own OpenCL loader and list of drivers come first; the bundle's serve where there are none.
if ! ldconfig -p 2>/dev/null | grep -q 'libOpenCL\.so\.1'; then
  export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$home/opencl
fi
if [ -z "$(ls -A /etc/OpenCL/vendors 2>/dev/null)" ]; then
  export OCL_ICD_VENDORS=$home/opencl/vendors
fi

quern devices > "$out/devices.txt" 2>&1
cat "$out/devices.txt"
if ! grep -q '^cuda:0 ' "$out/devices.txt"; then
  absence=$(sed -n 's/^missing: \(CUDA.*\)/\1/p' "$out/devices.txt" | head -n 1)
  say "${absence:-CUDA: no NVIDIA driver}"
  exit 1
fi
# NVIDIA's own OpenCL, wherever it stands among the OpenCL devices.
opencl=$(sed -n 's/^\(opencl:[0-9]*\) .*NVIDIA.*/\1/p' "$out/devices.txt" | head -n 1)

names=()
states=()
times=()
notes=()
failed=0

note() { names+=("$1"); states+=("$2"); times+=("$3"); notes+=("$4"); [ "$2" = passed ] || failed=1; }

# stage NAME SECONDS COMMAND…: runs it for at most so long, and remembers how it went; the note is the log's last line like NOTE.
stage() {
  local name=$1 seconds=$2 log="$out/$1.log" begun=$SECONDS code=0 remaining
  shift 2
  remaining=$(left)
  if [ "$remaining" -lt 5 ]; then note "$name" "no time" 0 ""; return; fi
  [ "$seconds" -le "$remaining" ] || seconds=$remaining
  printf '== %s\n' "$name"
  timeout --kill-after=5 "$seconds" "$@" > "$log" 2>&1 || code=$?
  case $code in
    0) note "$name" passed $((SECONDS - begun)) "$(grep -E "${NOTE:-^\$}" "$log" | tail -n 1 | cut -c 1-90)" ;;
    124|137) note "$name" "ran out of time" $((SECONDS - begun)) "$log" ;;
    *) note "$name" FAILED $((SECONDS - begun)) "$(grep -E 'FAILED|failed|error|Error|quern:' "$log" | head -n 1 | cut -c 1-90)"
       tail -n 15 "$log" ;;
  esac
}

# junit NAME SECONDS DEVICE PACKAGE JVM-OPTIONS…: the tests of a package on one device, which must be there.
junit() {
  local name=$1 seconds=$2 device=$3 package=$4
  shift 4
  NOTE='tests successful' stage "$name" "$seconds" env QUERN_REQUIRE="${device%%:*}" "${java[@]}" "-Dquern.test.devices=$device" \
    "-Dquern.cache=off" "$@" -cp "$tests" org.junit.platform.console.ConsoleLauncher execute --select-package "$package" \
    --exclude-tag oclgrind --fail-if-no-tests --details summary --disable-banner --disable-ansi-colors \
    --reports-dir "$out/junit-$name"
}

stage probe-cuda 30 "${java[@]}" -cp "$library" "$main" bench probe --device cuda:0 --json "$results/probe-cuda.json"
grep -E '^(ptx|ceilings)' "$out/probe-cuda.log"
if [ -n "$opencl" ]; then
  stage probe-opencl 30 "${java[@]}" -cp "$library" "$main" bench probe --device "$opencl" --json "$results/probe-opencl.json"
  grep -E '^(platform|ptx|ceilings)' "$out/probe-opencl.log"
else
  note probe-opencl FAILED 0 "no OpenCL device of NVIDIA's"
fi

# Right before fast.
junit kernels-cuda 100 cuda:0 dev.quern.kernels
if [ -n "$golden" ]; then
  junit golden-cuda 60 cuda:0 dev.quern.graph "-Dquern.golden=$golden"
  junit training-cuda 60 cuda:0 dev.quern.layers "-Dquern.golden=$golden"
else
  note golden-cuda FAILED 0 "no golden cases: give --golden DIR"
fi
if [ -n "$opencl" ] && [ -z "$quick" ]; then
  junit kernels-opencl 80 "$opencl" dev.quern.kernels
  [ -z "$golden" ] || junit golden-opencl 40 "$opencl" dev.quern.graph "-Dquern.golden=$golden"
fi
if [ -z "$quick" ] && command -v compute-sanitizer > /dev/null; then
  for tool in memcheck racecheck; do
    NOTE='ERROR SUMMARY' stage "sanitizer-$tool" 45 env QUERN_REQUIRE=cuda compute-sanitizer --tool "$tool" --error-exitcode 9 \
      --target-processes all "${java[@]}" -Dquern.test.devices=cuda:0 -cp "$tests" \
      org.junit.platform.console.ConsoleLauncher execute --select-package dev.quern.kernels --include-tag oclgrind \
      --details summary --disable-banner --disable-ansi-colors
  done
fi
if [ -n "$data" ]; then
  epochs=15
  [ -z "$quick" ] || epochs=4
  NOTE='test accuracy|accuracy' stage lenet 40 "${java[@]}" -cp "$library" "$main" train lenet --device cuda:0 --data "$data" \
    --epochs "$epochs" --seed 1 --json "$results/lenet.json"
else
  note lenet FAILED 0 "no images: give --data DIR"
fi

# Measured on kernels that passed; each row is verified again in its own run.
peers=pytorch-cuda,pytorch-graph
if [ -n "$quick" ]; then suites=(train gemm); else suites=(train gemm softmax norm elementwise reduce conv pool recurrent attention); fi
for suite in "${suites[@]}"; do
  with=$peers
  [ "$suite" != train ] || with=$peers,pytorch-compile
  NOTE='^[a-z]+ +[a-z-]+ +[0-9]+ ' stage "bench-$suite" 45 "${java[@]}" -cp "$library" "$main" bench "$suite" --quick \
    --device cuda:0 --peers "$with" --json "$results/$suite.json"
done

gpu=$(sed -n 's/^cuda:0  *GPU  *\([^ ].*[^ ]\)   *.*/\1/p' "$out/devices.txt" | sed 's/  .*//' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')
if ls "$results"/*.json > /dev/null 2>&1; then
  quern bench gather --output "$out/${gpu:-gpu}-$(date -u +%F).json" "$results"/*.json || failed=1
fi

printf '\n%-20s %-16s %5s  %s\n' STAGE STATE "S" NOTE
for i in "${!names[@]}"; do
  printf '%-20s %-16s %5s  %s\n' "${names[$i]}" "${states[$i]}" "${times[$i]}" "${notes[$i]}"
done
printf 'logs and results: %s (%s s)\n' "$out" $((SECONDS - start))
exit "$failed"
