// Purpose: copies and fills, with a stream and without.

#include <cstring>

#include "state.h"

namespace emulated {
namespace {

enum Side { DEVICE, HOST };

bool right(uintptr_t address, size_t bytes, Side side) {
    return side == DEVICE ? inside_allocation(address, bytes) : address != 0 && !is_device(address);
}

// Host memory that is not pinned may be used again as soon as the call returns: such a copy is carried out at once.
CUresult copy(uintptr_t to, Side to_side, uintptr_t from, Side from_side, size_t bytes, CUstream stream, bool waits) {
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (bytes == 0) return CUDA_SUCCESS;
    NEEDS(right(to, bytes, to_side) && right(from, bytes, from_side));
    const bool capturing = stream != nullptr && stream->capture != nullptr;
    if (waits && forbidden_while_capturing()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    Operation operation = {};
    operation.kind = Operation::COPY;
    operation.to = to;
    operation.from = from;
    operation.bytes = bytes;
    const CUresult status = submit(stream, operation);
    const bool pageable = (to_side == HOST && !is_pinned(to, bytes)) || (from_side == HOST && !is_pinned(from, bytes));
    return status == CUDA_SUCCESS && !capturing && (waits || pageable) ? flush() : status;
}

CUresult fill(uintptr_t to, uint32_t value, uint32_t width, size_t count, CUstream stream) {
    if (!known(stream)) return CUDA_ERROR_INVALID_HANDLE;
    if (count == 0) return CUDA_SUCCESS;
    NEEDS(to % width == 0 && inside_allocation(to, count * width));
    Operation operation = {};
    operation.kind = Operation::FILL;
    operation.to = to;
    operation.value = value;
    operation.width = width;
    operation.bytes = count * width;
    return submit(stream, operation);
}

uintptr_t number(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }
Side side(uintptr_t address) { return is_device(address) ? DEVICE : HOST; }

}
}

using namespace emulated;

extern "C" {

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
    NEEDS_CONTEXT();
    return copy(to, DEVICE, number(from), HOST, bytes, nullptr, true);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
    NEEDS_CONTEXT();
    return copy(number(to), HOST, from, DEVICE, bytes, nullptr, true);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    NEEDS_CONTEXT();
    return copy(to, DEVICE, from, DEVICE, bytes, nullptr, true);
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    NEEDS_CONTEXT();
    return copy(to, side(to), from, side(from), bytes, nullptr, true);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
    NEEDS_CONTEXT();
    return copy(to, DEVICE, number(from), HOST, bytes, stream, false);
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
    NEEDS_CONTEXT();
    return copy(number(to), HOST, from, DEVICE, bytes, stream, false);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    NEEDS_CONTEXT();
    return copy(to, DEVICE, from, DEVICE, bytes, stream, false);
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    NEEDS_CONTEXT();
    return copy(to, side(to), from, side(from), bytes, stream, false);
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
    NEEDS_CONTEXT();
    return fill(to, value, 1, count, stream);
}

CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
    NEEDS_CONTEXT();
    return fill(to, value, 2, count, stream);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t count, CUstream stream) {
    NEEDS_CONTEXT();
    return fill(to, value, 4, count, stream);
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) { return cuMemsetD8Async(to, value, count, nullptr); }
CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) { return cuMemsetD16Async(to, value, count, nullptr); }
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned int value, size_t count) { return cuMemsetD32Async(to, value, count, nullptr); }

}
