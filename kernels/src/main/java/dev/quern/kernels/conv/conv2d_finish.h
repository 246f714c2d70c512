// Purpose: the end of the kernels for CPUs that collect output elements in runs. It stands behind the epilogue's text and
// conv2d_vectors.h.

// Applies the epilogue to `count` consecutive elements of one channel of the output, from element `first` on, and stores.
static inline void q_finish(const float* values, Q_GLOBAL float* output, size_t first, int count Q_EPILOGUE_PARAMETERS) {
    int i = 0;
#if PASS_CACHES
    // Whole lines that nobody reads soon go past the caches, which would have to read them first.
    const int ahead = min(count, (int)(-((size_t)(output + first) / 4) & 15));
    #pragma unroll 1
    for (; i < ahead; i++) {
        output[first + i] = q_epilogue(values[i], first + i Q_EPILOGUE_ARGUMENTS);
    }
    for (; i + 16 <= count; i += 16) {
        __builtin_nontemporal_store(q_epilogue16(vload16(0, values + i), first + i Q_EPILOGUE_ARGUMENTS),
                (Q_GLOBAL float16*)(output + first + i));
    }
#endif
    for (; i + 16 <= count; i += 16) {
        Q_STORE16_GLOBAL(output + first + i, q_epilogue16(vload16(0, values + i), first + i Q_EPILOGUE_ARGUMENTS));
    }
    for (; i < count; i++) {
        output[first + i] = q_epilogue(values[i], first + i Q_EPILOGUE_ARGUMENTS);
    }
}
