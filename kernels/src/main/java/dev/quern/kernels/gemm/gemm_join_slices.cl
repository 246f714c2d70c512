// Purpose: the second step of a product whose sums were cut along k: adds the slices' sums and finishes c.
//
//   item e of batch * m * n      c[e] = epilogue(alpha * (partial[p][0][e'] + partial[p][1][e'] + ...) + beta * d[e])
//
// Parameters: partial[product][slice][row][column]; m, n the sizes; products how many, slices at least 1.
// Requirements: groups of 64 work-items, enough of them for all elements.
// Adds: with the first step, more groups than tiles of c: a long k keeps all of a device busy though c is small.
// Determinism: slices are added in order, in one work-item.

Q_KERNEL Q_REQD_GROUP(64, 1, 1)
void gemm_join_slices(Q_GLOBAL const float* Q_RESTRICT partial, int m, int n, int products, int slices, OUT_PARAMETERS) {
    const size_t size = (size_t)m * n;
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= size * products) {
        return;
    }
    const size_t product = e / size;
    const size_t within = e % size;
    float sum = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
        sum += partial[(product * slices + slice) * size + within];
    }
    finish_element(sum, product, (int)(within / n), (int)(within % n), m, n, OUT_ARGUMENTS);
}
