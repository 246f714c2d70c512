// Purpose: scaled dot-product attention on CPUs; one work-item a block of queries of one head.
//
//   for each block of KB keys:
//     scores[key][query], MR keys x QB queries at a time in registers; lanes are queries, so that the largest score and the sum
//       of every query are elementwise
//     scores -> probabilities
//     o[query][column] of this block, MR queries x QV vectors at a time in registers, is added to what earlier blocks left
//
// Parameters: definitions D and DV, the lengths of keys and values; W lanes (4, 8, 16); QV vectors of queries (1 to 4); MR rows
//   of a tile, a divisor of QV * W; KB keys of a block; LSE, CAUSAL, LENGTHS, MASK 0 or 1. VALUE_TAIL_LOAD and VALUE_TAIL_STORE handle
//   DV % W columns. Arguments: heads of a sequence, queries, keys, scale; turned_mask [keys][whole blocks of queries], which the
//   kernel turn_mask has made of the mask, in units of log 2.
// Requirements: groups of one work-item; attention_masks.h and attention_tiles.h in front.
// Adds over row_per_item: both products are register tiles whose every vector instruction is a multiply-add or one of two loads
//   for each; exponentials are a polynomial on whole vectors; the block of queries, its scores and its results stay in the first two caches.
// Determinism: blocks of keys in order, and each sum in one work-item.

#define READ_LAST(p, v) (DV % W != 0 && (v) == LAST_COLUMNS(DV) - 1 ? VALUE_TAIL_LOAD(p, 0.0f) : LOAD(p))
DEFINE_QUERY_PRODUCT(add_values, DV, READ_LAST)

// Groups: blocks of queries of the first head, then of the next. With a causal mask the blocks take turns from both ends, so
// that any run of groups has about as much work as any other.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void attention_forward(Q_GLOBAL const float* Q_RESTRICT q, Q_GLOBAL const float* Q_RESTRICT k,
                       Q_GLOBAL const float* Q_RESTRICT v LENGTHS_PARAMETER
#if MASK
                       , Q_GLOBAL const float* Q_RESTRICT turned_mask
#endif
                       , Q_GLOBAL float* Q_RESTRICT o,
#if LSE
                       Q_GLOBAL float* Q_RESTRICT lse,
#endif
                       int heads, int queries, int keys, float scale) {
    VECTOR turned[D * QV];
    VECTOR scores[KB * QV];
    VECTOR results[QB * COLUMNS(DV)];
    VECTOR rescale[QV];
    VECTOR largest[QV];
    VECTOR totals[QV];
    const int blocks = (queries + QB - 1) / QB;
    const int head = (int)Q_GROUP_ID(0) / blocks;
    const int turn = (int)Q_GROUP_ID(0) % blocks;
    const int block = !CAUSAL ? turn : turn % 2 == 0 ? blocks - 1 - turn / 2 : turn / 2;
    const int first = block * QB;
    const int count = min(QB, queries - first);
    const int length = LENGTH(head / heads);
    const int end = keys_seen(first + count - 1, keys_of(length, keys));
    turn_rows(q + ((size_t)head * queries + first) * D, turned, count, D, LOG2_E * scale_of(length, keys, scale));
    for (int i = 0; i < QB * COLUMNS(DV); i++) {
        results[i] = (VECTOR)(0.0f);
    }
    UNROLL for (int i = 0; i < QV; i++) {
        largest[i] = (VECTOR)(-INFINITY);
        totals[i] = (VECTOR)(0.0f);
    }
    for (int start = 0; start < end; start += KB) {
        const int here = min(KB, end - start);
        const size_t at = (size_t)head * keys + start;
        turned_scores(k + at * D, turned, scores, here, D);
        VECTOR most[QV];
        UNROLL for (int i = 0; i < QV; i++) {
            most[i] = largest[i];
        }
#if CAUSAL
        const int hides = start + here - 1 > first;
#else
        const int hides = 0;
#endif
        ROLLED for (int key = 0; key < here; key++) {
            UNROLL for (int i = 0; i < QV; i++) {
                VECTOR score = scores[key * QV + i];
#if MASK
                score += LOAD(turned_mask + (size_t)(start + key) * blocks * QB + first + i * W);
#endif
#if CAUSAL
                if (hides) {
                    score = LANES + (first + i * W) < (INTS)(start + key) ? (VECTOR)(-INFINITY) : score;
                }
#endif
#if MASK || CAUSAL
                scores[key * QV + i] = score;
#endif
                // One instruction; a NaN is left to the probabilities.
                most[i] = score > most[i] ? score : most[i];
            }
        }
        UNROLL for (int i = 0; i < QV; i++) {
            // Minus infinity is not subtracted from itself where a query has seen no key.
            const VECTOR shift = most[i] == -INFINITY ? (VECTOR)(0.0f) : most[i];
            rescale[i] = power_of_two(largest[i] - shift);
            VECTOR total = totals[i] * rescale[i];
            ROLLED for (int key = 0; key < here; key++) {
                const VECTOR p = power_of_two(scores[key * QV + i] - shift);
                scores[key * QV + i] = p;
                total += p;
            }
            totals[i] = total;
            largest[i] = most[i];
        }
        add_values((const float*)scores, v + at * DV, here, (const float*)rescale, results);
    }
    const float* each_total = (const float*)totals;
    for (int query = 0; query < count; query++) {
        const float share = each_total[query] == 0.0f ? 0.0f : 1.0f / each_total[query];
        Q_GLOBAL float* out = o + ((size_t)head * queries + first + query) * DV;
        for (int column = 0; column < DV / W; column++) {
            STORE(share * results[query * COLUMNS(DV) + column], out + column * W);
        }
#if DV % W != 0
        VALUE_TAIL_STORE(share * results[query * COLUMNS(DV) + COLUMNS(DV) - 1], out + DV / W * W);
#endif
    }
#if LSE
    const float* each_largest = (const float*)largest;
    for (int query = 0; query < count; query++) {
        lse[(size_t)head * queries + first + query] = LN_2 * (each_largest[query] + log2(each_total[query]));
    }
#endif
}
