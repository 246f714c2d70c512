// Purpose: the gradients of weight_ih and weight_hh from those of the gates' sums, for CPUs, in one launch.
//
//   dweight[j][c] = sum over lines (step, row) of  d[line][j] * x[line][c]      and the same with previous_h, beside it
//
//   d, a block of lines:   [tile of MR gate rows][line][MR]   packed once, for the panels of x and those of previous_h
//   x, the same block:     [line][NR]                         a panel of NR columns at a time
//
// Parameters: definition MR (4, 12) lines of a tile of sums, NV vectors of W lanes across. Arguments: dpre [lines][gates]; dhidden,
//   the same of the hidden state's shares; apart, whether that is another tensor; x [lines][features]; previous_h [lines][hidden]; the
//   results; scratch of item_size floats a group, in whole lines of the cache: a packed block of d (tiles x depth x MR), a panel (depth x NR), the sums so
//   far of all panels (tiles x MR x NR each); lines, gates, features, hidden; depth lines a block; tiles packed at a time.
// Requirements: recurrent_vectors_cpu.cl in front; groups of one work-item, which share the tiles.
// Adds: two products of their own would pack the gates' gradients twice and all of them through memory; here a block of
//   them goes into a cache and stays there for both. What is packed next is asked for while this is multiplied.
// Determinism: each sum runs along the lines in order, in one work-item; its blocks depend on sizes only.

#define NR (NV * W)
// While a line is packed this one is asked for.
#define LINES_AHEAD 4

// sums [MR][NR] = a [steps][MR] ^T * b [steps][NR], and what they were before if not first.
static inline void outer_products(Q_GLOBAL const float* a, Q_GLOBAL const float* b, int steps, int first, Q_GLOBAL float* sums) {
    VECTOR s[MR][NV];
    _Pragma("unroll") for (int r = 0; r < MR; r++) {
        _Pragma("unroll") for (int v = 0; v < NV; v++) {
            s[r][v] = (VECTOR)(0.0f);
        }
    }
    ROLLED for (int k = 0; k < steps; k++) {
        VECTOR columns[NV];
        _Pragma("unroll") for (int v = 0; v < NV; v++) {
            columns[v] = LOAD(v, b + (size_t)k * NR);
        }
        _Pragma("unroll") for (int r = 0; r < MR; r++) {
            const VECTOR factor = (VECTOR)(a[(size_t)k * MR + r]);
            _Pragma("unroll") for (int v = 0; v < NV; v++) {
                s[r][v] = fma(factor, columns[v], s[r][v]);
            }
        }
    }
    _Pragma("unroll") for (int r = 0; r < MR; r++) {
        _Pragma("unroll") for (int v = 0; v < NV; v++) {
            Q_GLOBAL float* at = sums + (r * NV + v) * W;
            if (!first) {
                s[r][v] += LOAD(0, at);
            }
            STORE(s[r][v], at);
        }
    }
}

// packed[tile][k][r] = d[k][(tile0 + tile) * MR + r]; zero past the last row.
static inline void pack_gates(Q_GLOBAL const float* d, int gates, int tile0, int tiles, int steps, Q_GLOBAL float* packed) {
    ROLLED for (int k = 0; k < steps; k++) {
        Q_GLOBAL const float* line = d + (size_t)k * gates;
        ROLLED for (int tile = 0; tile < tiles; tile++) {
            const int row = (tile0 + tile) * MR;
            FETCH_FAR(line + (size_t)LINES_AHEAD * gates + row);
            Q_GLOBAL float* to = packed + ((size_t)tile * steps + k) * MR;
            if (row + MR <= gates) {
                _Pragma("unroll") for (int r = 0; r < MR; r += 4) {
                    vstore4(vload4(0, line + row + r), 0, to + r);
                }
            } else {
                ROLLED for (int r = 0; r < MR; r++) {
                    to[r] = row + r < gates ? line[row + r] : 0.0f;
                }
            }
        }
    }
}

// packed[k][j] = x[k][first + j]; zero past the last column.
static inline void pack_panel(Q_GLOBAL const float* x, int width, int first, int steps, Q_GLOBAL float* packed) {
    ROLLED for (int k = 0; k < steps; k++) {
        Q_GLOBAL const float* line = x + (size_t)k * width + first;
        Q_GLOBAL float* to = packed + (size_t)k * NR;
        int j = 0;
        ROLLED for (; j + W <= min(NR, width - first); j += W) {
            STORE(LOAD(0, line + j), to + j);
        }
        ROLLED for (; j < NR; j++) {
            to[j] = first + j < width ? line[j] : 0.0f;
        }
    }
}

// A tile of whole sums into the gradient.
static inline void store_tile(Q_GLOBAL const float* sums, Q_GLOBAL float* out, int gates, int width, int row, int first) {
    const int columns = min(NR, width - first);
    ROLLED for (int r = 0; r < min(MR, gates - row); r++) {
        Q_GLOBAL float* to = out + (size_t)(row + r) * width + first;
        int j = 0;
        ROLLED for (; j + W <= columns; j += W) {
            STORE(LOAD(0, sums + r * NR + j), to + j);
        }
        ROLLED for (; j < columns; j++) {
            to[j] = sums[r * NR + j];
        }
    }
}

// Adds a block of lines to all columns of x, and stores the gradient after the last block.
static inline void all_columns(Q_GLOBAL const float* packed, Q_GLOBAL const float* x, int width, Q_GLOBAL float* panel,
                               Q_GLOBAL float* sums, int tile0, int tiles, int steps, int first_block, int last_block, int gates,
                               Q_GLOBAL float* out) {
    ROLLED for (int first = 0; first < width; first += NR) {
        pack_panel(x, width, first, steps, panel);
        const int next = first + NR < width ? first + NR : first;
        ROLLED for (int tile = 0; tile < tiles; tile++) {
            // The next panel's lines, each in a page of its own, come while this one's are multiplied.
            ROLLED for (int k = tile * steps / tiles; k < (tile + 1) * steps / tiles; k++) {
                _Pragma("unroll") for (int v = 0; v < NV; v++) {
                    FETCH_FAR(x + (size_t)k * width + next + v * W);
                }
            }
            outer_products(packed + (size_t)tile * steps * MR, panel, steps, first_block, sums);
            if (last_block) {
                store_tile(sums, out, gates, width, (tile0 + tile) * MR, first);
            }
            sums += MR * NR;
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void recurrent_weights(Q_GLOBAL const float* dpre, Q_GLOBAL const float* dhidden, int apart,
                       Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL const float* Q_RESTRICT previous_h,
                       Q_GLOBAL float* Q_RESTRICT dweight_ih, Q_GLOBAL float* Q_RESTRICT dweight_hh,
                       Q_GLOBAL float* Q_RESTRICT scratch, long item_size, int lines, int gates, int features, int hidden,
                       int depth, int tiles) {
    const int all = (gates + MR - 1) / MR;
    const int end = ((int)Q_GROUP_ID(0) + 1) * all / (int)Q_NUM_GROUPS(0);
    Q_GLOBAL float* packed = scratch + Q_GROUP_ID(0) * (size_t)item_size;
    Q_GLOBAL float* panel = packed + ((size_t)tiles * depth * MR + 15) / 16 * 16;
    Q_GLOBAL float* sums_x = panel + depth * NR;
    for (int tile0 = (int)Q_GROUP_ID(0) * all / (int)Q_NUM_GROUPS(0); tile0 < end; tile0 += tiles) {
        const int now = min(tiles, end - tile0);
        Q_GLOBAL float* sums_h = sums_x + (size_t)((features + NR - 1) / NR) * now * MR * NR;
        for (int start = 0; start < lines; start += depth) {
            const int steps = min(depth, lines - start);
            const int last = start + depth >= lines;
            pack_gates(dpre + (size_t)start * gates, gates, tile0, now, steps, packed);
            all_columns(packed, x + (size_t)start * features, features, panel, sums_x, tile0, now, steps, start == 0, last, gates,
                        dweight_ih);
            if (apart) {
                pack_gates(dhidden + (size_t)start * gates, gates, tile0, now, steps, packed);
            }
            all_columns(packed, previous_h + (size_t)start * hidden, hidden, panel, sums_h, tile0, now, steps, start == 0, last,
                        gates, dweight_hh);
        }
    }
}
