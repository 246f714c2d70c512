// Purpose: asks for the line of an element that is needed soon, into the nearest cache (FETCH) or the second-level cache (FETCH_FAR).
// PoCL makes nothing of OpenCL's prefetch; a simulator, which is no processor, does not know the builtin, and asks for nothing.

#if defined(__x86_64__) || defined(__aarch64__)
#define FETCH(p) __builtin_prefetch((const void*)(size_t)(p), 0, 3)
#define FETCH_FAR(p) __builtin_prefetch((const void*)(size_t)(p), 0, 2)
#else
#define FETCH(p) (void)(p)
#define FETCH_FAR(p) (void)(p)
#endif
