// Purpose: vectors of W floats, as the rungs for CPUs read and write them.
//
// Parameters: definition W, lanes a vector (4, 8, 16).

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define INTEGERS Q_JOIN(int, W)
#define LOAD Q_JOIN(vload, W)
#define ROLLED _Pragma("unroll 1")

// A store through a type of less alignment stays one store, where vstore becomes several.
typedef float q_unaligned __attribute__((ext_vector_type(W), aligned(4)));
#define STORE(v, p) (*(Q_GLOBAL q_unaligned*)(p) = (v))
// The same into private memory; what is stored in pieces cannot be loaded again soon.
#define KEEP(v, p) (*(q_unaligned*)(p) = (v))

// Asks for what is needed soon and lies past what the hardware foresees: it stops at the end of each page. PoCL's own prefetch() does
// nothing, and only PoCL is known to take the compiler's.
#ifdef POCL_DEVICE_ADDRESS_BITS
#define EXPECT(p) __builtin_prefetch((const void*)(size_t)(p), 0, 2)
#else
#define EXPECT(p)
#endif
