// Purpose: the gradients of scaled dot-product attention; one work-item a query, then one a key.
//
//   query_gradients   item row = head * queries + query      dq[row], and deltas[row] = sum(do[row] * o[row])
//   key_gradients     item row = head * keys + key           dk[row], dv[row]
//
// Parameters: D and DV, the lengths of keys and values; CAUSAL, LENGTHS, MASK 0 or 1; X_T, X_LOAD, X_STORE for the storage of
//   all but lse and the mask; arguments rows = all heads * queries or keys, heads of a sequence, queries, keys, scale.
// Requirements: attention_masks.h in front; a workspace of all heads * queries floats.
// Adds: the bottom of the ladder. Both kernels compute the scores anew, so that nothing of their size is in memory and each
//   gradient has one owner.
// Determinism: every sum runs in order, in one work-item.

// The probability of a pair; 0 for a pair that the mask hides, even where a query sees no key and lse is minus infinity.
Q_DEVICE float probability(Q_GLOBAL const X_T* q, Q_GLOBAL const X_T* k, size_t row, size_t key_row, float factor, float added,
                           float lse) {
    float score = 0.0f;
    for (int d = 0; d < D; d++) {
        score = Q_FMA(X_LOAD(q, row * D + d), X_LOAD(k, key_row * D + d), score);
    }
    score = factor * score + added;
    return score == -Q_INFINITY ? 0.0f : Q_EXP(score - lse);
}

Q_KERNEL void query_gradients(Q_GLOBAL const X_T* Q_RESTRICT dout, Q_GLOBAL const X_T* Q_RESTRICT q,
                              Q_GLOBAL const X_T* Q_RESTRICT k, Q_GLOBAL const X_T* Q_RESTRICT v LENGTHS_PARAMETER
                              MASK_PARAMETER, Q_GLOBAL const X_T* Q_RESTRICT o, Q_GLOBAL const float* Q_RESTRICT lse,
                              Q_GLOBAL X_T* Q_RESTRICT dq, Q_GLOBAL float* Q_RESTRICT deltas,
                              int rows, int heads, int queries, int keys, float scale) {
    const int row = (int)Q_GLOBAL_ID(0);
    if (row >= rows) {
        return;
    }
    const int head = row / queries;
    const int query = row % queries;
    const int length = LENGTH(head / heads);
    const int end = keys_seen(query, keys_of(length, keys));
    const float factor = scale_of(length, keys, scale);
    float delta = 0.0f;
    for (int d = 0; d < DV; d++) {
        delta = Q_FMA(X_LOAD(dout, (size_t)row * DV + d), X_LOAD(o, (size_t)row * DV + d), delta);
    }
    deltas[row] = delta;
    float sums[D];
    for (int d = 0; d < D; d++) {
        sums[d] = 0.0f;
    }
    for (int key = 0; key < end; key++) {
        const size_t at = (size_t)head * keys + key;
        const float p = probability(q, k, (size_t)row, at, factor, ADDED(query, key), lse[row]);
        float dp = 0.0f;
        for (int d = 0; d < DV; d++) {
            dp = Q_FMA(X_LOAD(dout, (size_t)row * DV + d), X_LOAD(v, at * DV + d), dp);
        }
        const float ds = p * (dp - delta);
        for (int d = 0; d < D; d++) {
            sums[d] = Q_FMA(ds, X_LOAD(k, at * D + d), sums[d]);
        }
    }
    for (int d = 0; d < D; d++) {
        X_STORE(dq, (size_t)row * D + d, factor * sums[d]);
    }
}

Q_KERNEL void key_gradients(Q_GLOBAL const X_T* Q_RESTRICT dout, Q_GLOBAL const X_T* Q_RESTRICT q,
                            Q_GLOBAL const X_T* Q_RESTRICT k, Q_GLOBAL const X_T* Q_RESTRICT v LENGTHS_PARAMETER
                            MASK_PARAMETER, Q_GLOBAL const float* Q_RESTRICT lse, Q_GLOBAL X_T* Q_RESTRICT dk,
                            Q_GLOBAL X_T* Q_RESTRICT dv, Q_GLOBAL const float* Q_RESTRICT deltas,
                            int rows, int heads, int queries, int keys, float scale) {
    const int at = (int)Q_GLOBAL_ID(0);
    if (at >= rows) {
        return;
    }
    const int head = at / keys;
    const int key = at % keys;
    const int length = LENGTH(head / heads);
    const float factor = scale_of(length, keys, scale);
    float key_sums[D];
    float value_sums[DV];
    for (int d = 0; d < D; d++) {
        key_sums[d] = 0.0f;
    }
    for (int d = 0; d < DV; d++) {
        value_sums[d] = 0.0f;
    }
    const int first = key >= keys_of(length, keys) ? queries : CAUSAL ? key : 0;
    for (int query = first; query < queries; query++) {
        const size_t row = (size_t)head * queries + query;
        const float p = probability(q, k, row, (size_t)at, factor, ADDED(query, key), lse[row]);
        float dp = 0.0f;
        for (int d = 0; d < DV; d++) {
            const float dy = X_LOAD(dout, row * DV + d);
            dp = Q_FMA(dy, X_LOAD(v, (size_t)at * DV + d), dp);
            value_sums[d] = Q_FMA(p, dy, value_sums[d]);
        }
        const float ds = factor * p * (dp - deltas[row]);
        for (int d = 0; d < D; d++) {
            key_sums[d] = Q_FMA(ds, X_LOAD(q, row * D + d), key_sums[d]);
        }
    }
    for (int d = 0; d < D; d++) {
        X_STORE(dk, (size_t)at * D + d, key_sums[d]);
    }
    for (int d = 0; d < DV; d++) {
        X_STORE(dv, (size_t)at * DV + d, value_sums[d]);
    }
}
