// Purpose: the gradients of scaled dot-product attention on CPUs; one work-item a run of keys of one head, with all its queries.
//
//   for each block of QB queries, for each block of KB keys of the run:
//     p[key][query]  from k and the turned queries      MR keys x QB queries at a time in registers, as in the forward pass
//     ds[key][query] from v and the turned do
//     dv[key][column] += p do, dk[key][column] += ds q  MR keys x QV vectors at a time in registers
//     dq[query][column] += ds k                         MR queries x QV vectors at a time in registers
//
//   join adds the runs' parts of dq up, if there is more than one run.
//
// Parameters: definitions D and DV, the lengths of keys and values; W lanes (4, 8, 16); QV vectors of queries (1 to 4); MR rows
//   of a tile, a divisor of QV * W; KB keys of a block; CAUSAL, LENGTHS, MASK 0 or 1. KEY_TAIL_LOAD, KEY_TAIL_STORE, VALUE_TAIL_LOAD
//   and VALUE_TAIL_STORE handle D % W and DV % W columns. Arguments: heads of all sequences, heads of a sequence, queries, keys,
//   keys of a run, scale; turned_mask as in the forward pass.
// Requirements: groups of one work-item; attention_masks.h and attention_tiles.h in front.
// Adds over row_per_item: five products a pair instead of seven, all of them register tiles; exponentials are a polynomial on
//   whole vectors. Each key's gradients have one owner, and a run's part of dq is its own.
// Determinism: blocks in order, each sum in one work-item, the runs' parts in order.

#define READ_LAST_KEY(p, v) (D % W != 0 && (v) == LAST_COLUMNS(D) - 1 ? KEY_TAIL_LOAD(p, 0.0f) : LOAD(p))
#define READ_LAST_VALUE(p, v) (DV % W != 0 && (v) == LAST_COLUMNS(DV) - 1 ? VALUE_TAIL_LOAD(p, 0.0f) : LOAD(p))
DEFINE_QUERY_PRODUCT(add_query_gradients, D, READ_LAST_KEY)

// out[key][column] += sum over queries of p[key][query] * rows[query][column], for the keys of a tile.
#define DEFINE_KEY_TILE(NAME, ROWS, VECTORS, LENGTH, FIND, TAIL_STORE, LAST)                                     \
    static inline void NAME(const float* factors, Q_GLOBAL const float* rows, int steps, Q_GLOBAL float* out) {  \
        const int row = QB;                                                                                      \
        const int step = 1;                                                                                      \
        SUM_PRODUCTS(ROWS, VECTORS, LENGTH, FIND)                                                                \
        UNROLL for (int r = 0; r < ROWS; r++) {                                                                  \
            UNROLL for (int v = 0; v < VECTORS; v++) {                                                           \
                Q_GLOBAL float* p = out + r * LENGTH + v * W;                                                    \
                if (LAST && LENGTH % W != 0 && v == VECTORS - 1) {                                               \
                    TAIL_STORE(FIND(p, v) + sums[r][v], p);                                                      \
                } else {                                                                                         \
                    STORE(LOAD(p) + sums[r][v], p);                                                              \
                }                                                                                                \
            }                                                                                                    \
        }                                                                                                        \
    }

// The same for so many keys.
#define DEFINE_KEY_PRODUCT(NAME, LENGTH, READ_LAST, TAIL_STORE)                                                            \
    DEFINE_KEY_TILE(NAME##_tile, MR, QV, LENGTH, READ, TAIL_STORE, 0)                                                      \
    DEFINE_KEY_TILE(NAME##_row, 1, QV, LENGTH, READ, TAIL_STORE, 0)                                                        \
    DEFINE_KEY_TILE(NAME##_tile_part, MR, (LAST_COLUMNS(LENGTH) + !LAST_COLUMNS(LENGTH)), LENGTH, READ_LAST, TAIL_STORE, 1) \
    DEFINE_KEY_TILE(NAME##_row_part, 1, (LAST_COLUMNS(LENGTH) + !LAST_COLUMNS(LENGTH)), LENGTH, READ_LAST, TAIL_STORE, 1)  \
    static inline void NAME(const float* p, int count, Q_GLOBAL const float* rows, int steps, Q_GLOBAL float* out) {       \
        const int last = LENGTH / W / QV * QV * W;                                                                         \
        int key = 0;                                                                                                       \
        ROLLED for (; key + MR <= count; key += MR) {                                                                      \
            ROLLED for (int column = 0; column < last; column += QB) {                                                     \
                NAME##_tile(p + key * QB, rows + column, steps, out + key * LENGTH + column);                              \
            }                                                                                                              \
            if (LAST_COLUMNS(LENGTH)) {                                                                                    \
                NAME##_tile_part(p + key * QB, rows + last, steps, out + key * LENGTH + last);                             \
            }                                                                                                              \
        }                                                                                                                  \
        ROLLED for (; key < count; key++) {                                                                                \
            ROLLED for (int column = 0; column < last; column += QB) {                                                     \
                NAME##_row(p + key * QB, rows + column, steps, out + key * LENGTH + column);                               \
            }                                                                                                              \
            if (LAST_COLUMNS(LENGTH)) {                                                                                    \
                NAME##_row_part(p + key * QB, rows + last, steps, out + key * LENGTH + last);                              \
            }                                                                                                              \
        }                                                                                                                  \
    }
DEFINE_KEY_PRODUCT(add_key_gradients, D, READ_LAST_KEY, KEY_TAIL_STORE)
DEFINE_KEY_PRODUCT(add_value_gradients, DV, READ_LAST_VALUE, VALUE_TAIL_STORE)

// sum(do * o) of one query.
static inline float delta_of(Q_GLOBAL const float* dout, Q_GLOBAL const float* o) {
    VECTOR sums = (VECTOR)(0.0f);
    for (int i = 0; i < DV / W; i++) {
        sums = fma(LOAD(dout + i * W), LOAD(o + i * W), sums);
    }
    const float* lanes = (const float*)&sums;
    float sum = 0.0f;
    for (int i = 0; i < W; i++) {
        sum += lanes[i];
    }
    for (int i = DV / W * W; i < DV; i++) {
        sum = fma(dout[i], o[i], sum);
    }
    return sum;
}

// Groups: the runs of keys of the first head, then of the next. With a causal mask, where early keys are seen by more queries,
// the runs take turns from both ends.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void attention_backward(Q_GLOBAL const float* Q_RESTRICT dout, Q_GLOBAL const float* Q_RESTRICT q,
                        Q_GLOBAL const float* Q_RESTRICT k, Q_GLOBAL const float* Q_RESTRICT v LENGTHS_PARAMETER
#if MASK
                        , Q_GLOBAL const float* Q_RESTRICT turned_mask
#endif
                        , Q_GLOBAL const float* Q_RESTRICT o, Q_GLOBAL const float* Q_RESTRICT lse,
                        Q_GLOBAL float* Q_RESTRICT dq_parts, Q_GLOBAL float* Q_RESTRICT dk, Q_GLOBAL float* Q_RESTRICT dv,
                        int all_heads, int heads, int queries, int keys, int run, float scale) {
    VECTOR turned_q[D * QV];
    VECTOR turned_dout[DV * QV];
    VECTOR p[KB * QV];
    VECTOR ds[KB * QV];
    VECTOR results[QB * COLUMNS(D)];
    VECTOR shifts[QV];
    VECTOR deltas[QV];
    float ones[QB];
    const int runs = (keys + run - 1) / run;
    const int head = (int)Q_GROUP_ID(0) / runs;
    const int turn = (int)Q_GROUP_ID(0) % runs;
    const int part = !CAUSAL ? turn : turn % 2 == 0 ? turn / 2 : runs - 1 - turn / 2;
    const int from = part * run;
    const int to = min(from + run, keys);
    const int length = LENGTH(head / heads);
    const int end = min(to, keys_of(length, keys));
    const float factor = scale_of(length, keys, scale);
    for (size_t i = ((size_t)head * keys + from) * D; i < ((size_t)head * keys + to) * D; i++) {
        dk[i] = 0.0f;
    }
    for (size_t i = ((size_t)head * keys + from) * DV; i < ((size_t)head * keys + to) * DV; i++) {
        dv[i] = 0.0f;
    }
    for (int i = 0; i < QB; i++) {
        ones[i] = 1.0f;
    }
    for (int first = CAUSAL ? from / QB * QB : 0; first < queries; first += QB) {
        const int count = min(QB, queries - first);
        const size_t row = (size_t)head * queries + first;
        turn_rows(q + row * D, turned_q, count, D, LOG2_E * factor);
        turn_rows(dout + row * DV, turned_dout, count, DV, 1.0f);
        float* each_shift = (float*)shifts;
        float* each_delta = (float*)deltas;
        ROLLED for (int query = 0; query < QB; query++) {
            const int exists = query < count;
            const float sum = exists ? LOG2_E * lse[row + query] : 0.0f;
            // A query that sees no key has only scores of minus infinity.
            each_shift[query] = sum == -INFINITY ? 0.0f : sum;
            each_delta[query] = exists ? delta_of(dout + (row + query) * DV, o + (row + query) * DV) : 0.0f;
        }
        for (int i = 0; i < QB * COLUMNS(D); i++) {
            results[i] = (VECTOR)(0.0f);
        }
        const int seen = keys_seen(first + count - 1, end);
        for (int start = from; start < seen; start += KB) {
            const int here = min(KB, seen - start);
            const size_t at = (size_t)head * keys + start;
            turned_scores(k + at * D, turned_q, p, here, D);
            turned_scores(v + at * DV, turned_dout, ds, here, DV);
#if CAUSAL
            const int hides = start + here - 1 > first;
#endif
            ROLLED for (int key = 0; key < here; key++) {
                UNROLL for (int i = 0; i < QV; i++) {
                    VECTOR score = p[key * QV + i];
#if MASK
                    score += LOAD(turned_mask + (size_t)(start + key) * ((queries + QB - 1) / QB * QB) + first + i * W);
#endif
#if CAUSAL
                    if (hides) {
                        score = LANES + (first + i * W) < (INTS)(start + key) ? (VECTOR)(-INFINITY) : score;
                    }
#endif
                    const VECTOR probability = power_of_two(score - shifts[i]);
                    p[key * QV + i] = probability;
                    ds[key * QV + i] = factor * probability * (ds[key * QV + i] - deltas[i]);
                }
            }
            add_value_gradients((const float*)p, here, dout + row * DV, count, dv + at * DV);
            add_key_gradients((const float*)ds, here, q + row * D, count, dk + at * D);
            add_query_gradients((const float*)ds, k + at * D, here, ones, results);
        }
        Q_GLOBAL float* out = dq_parts + ((size_t)part * all_heads * queries + row) * D;
        for (int query = 0; query < count; query++) {
            for (int column = 0; column < D / W; column++) {
                STORE(results[query * COLUMNS(D) + column], out + query * D + column * W);
            }
#if D % W != 0
            KEY_TAIL_STORE(results[query * COLUMNS(D) + COLUMNS(D) - 1], out + query * D + D / W * W);
#endif
        }
    }
}

// Item row: dq[row] = the sum of its runs' parts; a run of keys that all lie behind a query has none.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void join(Q_GLOBAL const float* Q_RESTRICT dq_parts, Q_GLOBAL float* Q_RESTRICT dq, int rows, int rows_of_item, int queries,
          int keys, int run) {
    const int first = (int)Q_GROUP_ID(0) * rows_of_item;
    for (int row = first; row < min(first + rows_of_item, rows); row++) {
        const int runs = (keys_seen(row % queries, keys) + run - 1) / run;
        for (int d = 0; d < D; d++) {
            float sum = 0.0f;
            for (int part = 0; part < runs; part++) {
                sum += dq_parts[((size_t)part * rows + row) * D + d];
            }
            dq[(size_t)row * D + d] = sum;
        }
    }
}
