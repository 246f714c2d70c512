// Purpose: what the CUDA rungs of normalisation share: mean and variance in one read, weights and biases of a chunk.
//
// Parameters: those of cuda_rows.h; INNER, elements of a channel of a sample; a chunk lies within one channel unless INNER is 1;
//   HAS_WEIGHT, HAS_BIAS 0 or 1.
// Requirements: cuda_rows.h in front.
// Adds: nothing to the ladder.
// Determinism: each thread's sums run in order, and the tree over the threads is fixed.

// What a thread has seen: how many elements, and sums of distances from its first one and of their squares. An element far from all
// others costs no digits: where it is the first, the sum of squares about the mean is as large as what it is taken from.
struct moments {
    float count;
    float origin;
    float sum;
    float squares;
};
Q_DEVICE moments no_moments() {
    moments none;
    none.count = 0.0f, none.origin = 0.0f, none.sum = 0.0f, none.squares = 0.0f;
    return none;
}
template <int N> Q_DEVICE void add_moments(moments* all, const float* v) {
    all->origin = all->count == 0.0f ? v[0] : all->origin;
    all->count += (float)N;
#pragma unroll
    for (int i = 0; i < N; i++) {
        const float d = v[i] - all->origin;
        all->sum += d;
        all->squares += d * d;
    }
}

// The mean less `shift` and the sum of squares about the mean, of all elements that the threads of a row have seen; `count` of them.
struct joined_moments {
    float mean;
    float squares;
};
Q_DEVICE joined_moments join_moments(moments own, float shift, float count) {
    const float own_sum = own.count > 0.0f ? own.sum : 0.0f;
    const float average = own.count > 0.0f ? own_sum / own.count : 0.0f;
    const float from_shift = own.count > 0.0f ? own.origin - shift + average : 0.0f;
    joined_moments all;
    all.mean = row_sum(from_shift * own.count) / count;
    const float apart = from_shift - all.mean;
    all.squares = row_sum(own.squares - own_sum * average + own.count * apart * apart);
    return all;
}

#if HAS_WEIGHT && HAS_BIAS
#define AFFINE , weight, bias
#define AFFINE_PARAMETERS , const float* weight, const float* bias
#elif HAS_WEIGHT
#define AFFINE , weight
#define AFFINE_PARAMETERS , const float* weight
#else
#define AFFINE
#define AFFINE_PARAMETERS
#endif

// Numbers of the channels of a chunk: `channel` is that of element 0, `place` the chunk's first element.
Q_DEVICE void of_channels(float* numbers, const float* all, int channel, int place) {
#if INNER == 1
    q_get<LANES>(q_f32(), all + channel + place, numbers);
#else
    const float one = all[channel + place / INNER];
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        numbers[i] = one;
    }
#endif
}
Q_DEVICE void affine(float* weights, float* biases, int channel, int place AFFINE_PARAMETERS) {
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        weights[i] = 1.0f;
        biases[i] = 0.0f;
    }
#if HAS_WEIGHT
    of_channels(weights, weight, channel, place);
#endif
#if HAS_BIAS
    of_channels(biases, bias, channel, place);
#endif
}
