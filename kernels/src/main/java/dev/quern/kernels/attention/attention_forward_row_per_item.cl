// Purpose: scaled dot-product attention; one work-item a query.
//
//   item row = head * queries + query      o[row][0 .. DV - 1], lse[row]
//
// Parameters: DV, the length of a value; LSE, CAUSAL, LENGTHS, MASK 0 or 1; X_T, X_LOAD, X_STORE for the storage of q, k, v and
//   o; arguments rows = all heads * queries, heads of a sequence, queries, keys, dim, scale.
// Requirements: attention_masks.h in front.
// Adds: the bottom of the ladder. A score is used as soon as it is known: the largest so far is taken out of the exponents,
//   and what was added up before is rescaled when a larger one comes (Milakov and Gimelshein, 2018).
// Determinism: every sum runs over the keys in order, in one work-item.

Q_KERNEL void attention_forward(Q_GLOBAL const X_T* Q_RESTRICT q, Q_GLOBAL const X_T* Q_RESTRICT k,
                                Q_GLOBAL const X_T* Q_RESTRICT v LENGTHS_PARAMETER MASK_PARAMETER,
                                Q_GLOBAL X_T* Q_RESTRICT o,
#if LSE
                                Q_GLOBAL float* Q_RESTRICT lse,
#endif
                                int rows, int heads, int queries, int keys, int dim, float scale) {
    const int row = (int)Q_GLOBAL_ID(0);
    if (row >= rows) {
        return;
    }
    const int head = row / queries;
    const int query = row % queries;
    const int length = LENGTH(head / heads);
    const int end = keys_seen(query, keys_of(length, keys));
    const float factor = scale_of(length, keys, scale);
    Q_GLOBAL const X_T* x = q + (size_t)row * dim;
    float sums[DV];
    for (int d = 0; d < DV; d++) {
        sums[d] = 0.0f;
    }
    float largest = -Q_INFINITY;
    float total = 0.0f;
    for (int key = 0; key < end; key++) {
        const size_t at = (size_t)head * keys + key;
        float score = 0.0f;
        for (int d = 0; d < dim; d++) {
            score = Q_FMA(X_LOAD(x, d), X_LOAD(k, at * dim + d), score);
        }
        score = factor * score + ADDED(query, key);
        if (score == -Q_INFINITY) {
            continue;
        }
        const float most = Q_MAX(largest, score);
        const float rescale = Q_EXP(largest - most);
        const float p = Q_EXP(score - most);
        largest = most;
        total = total * rescale + p;
        for (int d = 0; d < DV; d++) {
            sums[d] = Q_FMA(p, X_LOAD(v, at * DV + d), sums[d] * rescale);
        }
    }
    const float share = total == 0.0f ? 0.0f : 1.0f / total;
    for (int d = 0; d < DV; d++) {
        X_STORE(o, (size_t)row * DV + d, sums[d] * share);
    }
#if LSE
    lse[row] = largest + Q_LOG(total);
#endif
}
