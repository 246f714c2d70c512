// Purpose: vectors of W floats, as the rungs for CPUs read and write them.
//
// Parameters: definition W, lanes a vector (4, 8, 16).

#define LOAD Q_JOIN(vload, W)
#define ROLLED _Pragma("unroll 1")

// A store through a type of less alignment stays one store, where vstore becomes several.
typedef float q_unaligned __attribute__((ext_vector_type(W), aligned(4)));
#define STORE(v, p) (*(Q_GLOBAL q_unaligned*)(p) = (v))
// The same into private memory; what is stored in pieces cannot be loaded again soon.
#define KEEP(v, p) (*(q_unaligned*)(p) = (v))

