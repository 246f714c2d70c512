// Purpose: sums of rows by index on CPUs; rows of x are grouped by where they go, then each row of y is written once.
//
//   group (s, r)    columns s * SLICE … of rows r * OWNED … of every y[o]
//     list          j with index[j] among the rows, ascending, behind those of the groups r before
//     order         the same sorted by row, stable          ends[row]   where the row's j end
//     block         eight rows of y side by side: zeros in the first-level cache, the terms added to them, and out
//
// Parameters, all definitions: LENGTH, COUNT, INNER, OUTER; SLICE; OWNED; RANGES, how many r there are; IGNORED; FEW, terms that a
//   block has at most, otherwise its rows are summed one by one; STEP, vectors of a row that are added at a time; those of
//   row_blocks.cl, which stands before. Workspace: for each s LENGTH ends, COUNT of order, and COUNT + RANGES of the lists (each
//   list has a place to spare: what is not listed is written behind its end).
// Requirements: groups of one work-item; an index for each row; with STREAMED, INNER and SLICE are multiples of 16.
// Adds over owners_cpu: a row of y moves once, past the caches, where adding in memory wrote zeros before and read and wrote the row
//   for each term; the terms of the next eight rows are known, so their lines are asked for.
// Determinism: terms are added in the order of j.

// Adds VECTORS vectors of several rows, from column i on, and asks for those of terms that follow: rows lie anywhere, so that no prefetcher
// knows the next one. Behind a row's terms come those of the next row, whose columns are these where there are no further ones.
#define AHEAD 16
#define SUM_CHUNK(VECTORS)                                                                              \
    {                                                                                                   \
        float16 sum[VECTORS];                                                                           \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                           \
            sum[v] = 0.0f;                                                                              \
        }                                                                                               \
        const int known = columns - i == 16 * VECTORS ? terms : last;                                   \
        for (int e = first; e < last; e++) {                                                            \
            Q_GLOBAL const WORD* term = x + (size_t)order[e] * INNER + i;                               \
            Q_GLOBAL const WORD* ahead = x + (size_t)order[min(e + AHEAD, known - 1)] * INNER + i;      \
            _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                       \
                FETCH(ahead + 16 * v);                                                                  \
                sum[v] += as_float16(GET_WHOLE(term + 16 * v));                                         \
            }                                                                                           \
        }                                                                                               \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                           \
            PUT_WHOLE(to + i + 16 * v, as_uint16(sum[v]));                                              \
        }                                                                                               \
        i += 16 * VECTORS;                                                                              \
    }

// Columns [0, columns) of the rows order[first] … order[last - 1] of x; there are so many terms in all.
static inline void sum_rows(Q_GLOBAL const WORD* x, Q_GLOBAL const int* order, int first, int last, int terms, size_t columns,
                            Q_GLOBAL WORD* to) {
    size_t i = 0;
    while (i + 256 <= columns) {
        SUM_CHUNK(16)
    }
    while (i + 64 <= columns) {
        SUM_CHUNK(4)
    }
    while (i + 16 <= columns) {
        SUM_CHUNK(1)
    }
    for (; i < columns; i++) {
        float sum = 0.0f;
        for (int e = first; e < last; e++) {
            sum += as_float(x[(size_t)order[e] * INNER + i]);
        }
        to[i] = as_uint(sum);
    }
}

// Columns [0, columns) of eight rows with few terms: term[t] goes to row[t]; ahead are terms of the next rows.
static inline void add_block(Q_GLOBAL const WORD* term[FEW], const int row[FEW], int terms, Q_GLOBAL const WORD* ahead[FEW],
                             int next, size_t columns, Q_GLOBAL WORD* y) {
    size_t i = 0;
    for (; i + STEP * 16 <= columns; i += STEP * 16) {
        float16 sums[BLOCK_ROWS * STEP];
        for (int t = 0; t < next; t++) {
            _Pragma("unroll") for (int v = 0; v < STEP; v++) {
                FETCH(ahead[t] + i + 16 * v);
            }
        }
        _Pragma("unroll") for (int v = 0; v < BLOCK_ROWS * STEP; v++) {
            sums[v] = 0.0f;
        }
        for (int t = 0; t < terms; t++) {
            float16* sum = sums + row[t] * STEP;
            _Pragma("unroll") for (int v = 0; v < STEP; v++) {
                sum[v] += as_float16(GET_WHOLE(term[t] + i + 16 * v));
            }
        }
        EACH_ROW {
            _Pragma("unroll") for (int v = 0; v < STEP; v++) {
                PUT_WHOLE(y + (size_t)r * INNER + i + 16 * v, as_uint16(sums[r * STEP + v]));
            }
        }
    }
    for (; i < columns; i++) {
        float sums[BLOCK_ROWS];
        for (int r = 0; r < BLOCK_ROWS; r++) {
            sums[r] = 0.0f;
        }
        for (int t = 0; t < terms; t++) {
            sums[row[t]] += as_float(term[t][i]);
        }
        for (int r = 0; r < BLOCK_ROWS; r++) {
            y[(size_t)r * INNER + i] = as_uint(sums[r]);
        }
    }
}

// Columns [0, columns) of all rows that a group owns.
static inline void add_rows(Q_GLOBAL const WORD* x, Q_GLOBAL const int* order, Q_GLOBAL const int* ends, int owned, int terms,
                            size_t columns, Q_GLOBAL WORD* y) {
    int first = 0;
    for (int l = 0; l < owned; l += BLOCK_ROWS) {
        const int end = ends[min(l + BLOCK_ROWS, owned) - 1];
        if (l + BLOCK_ROWS <= owned && end - first <= FEW) {
            Q_GLOBAL const WORD* term[FEW];
            Q_GLOBAL const WORD* ahead[FEW];
            int row[FEW];
            int r = 0;
            for (int e = first; e < end; e++) {
                while (ends[l + r] <= e) {
                    r++;
                }
                row[e - first] = r;
                term[e - first] = x + (size_t)order[e] * INNER;
            }
            const int next = min(ends[min(l + 2 * BLOCK_ROWS, owned) - 1] - end, FEW);
            for (int e = end; e < end + next; e++) {
                ahead[e - end] = x + (size_t)order[e] * INNER;
            }
            add_block(term, row, end - first, ahead, next, columns, y + (size_t)l * INNER);
        } else {
            for (int r = 0; r < BLOCK_ROWS && l + r < owned; r++) {
                sum_rows(x, order, r == 0 ? first : ends[l + r - 1], ends[l + r], terms, columns,
                         y + (size_t)(l + r) * INNER);
            }
        }
        first = end;
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void scatter_add(Q_GLOBAL const uint* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL uint* Q_RESTRICT y,
                 Q_GLOBAL int* Q_RESTRICT workspace) {
    const size_t begin = Q_GROUP_ID(0) * SLICE;
    const size_t end = min(begin + SLICE, (size_t)INNER);
    const int first = (int)(Q_GROUP_ID(1) * OWNED);
    const int owned = (int)min((size_t)OWNED, LENGTH - (size_t)first);
    int wrong = 0;
    int before = 0;
    for (int j = 0; j < COUNT; j++) {
        wrong |= (uint)index[j] >= (uint)LENGTH;
        before += index[j] < first;
    }
    if (wrong) {
        for (size_t o = 0; o < OUTER; o++) {
            for (int l = first; l < first + owned; l++) {
                fill_run(y + (o * LENGTH + (size_t)l) * INNER + begin, end - begin, as_uint(Q_NAN));
            }
        }
        return;
    }
    Q_GLOBAL int* slice = workspace + Q_GROUP_ID(0) * (LENGTH + 2 * (size_t)COUNT + RANGES);
    Q_GLOBAL int* ends = slice + first;
    Q_GLOBAL int* order = slice + LENGTH + before;
    Q_GLOBAL int* list = slice + LENGTH + COUNT + before + Q_GROUP_ID(1);
    int terms = 0;
    for (int j = 0; j < COUNT; j++) {
        const int at = index[j];
        list[terms] = j;
        terms += (uint)(at - first) < (uint)owned && at != IGNORED;
    }
    for (int l = 0; l < owned; l++) {
        ends[l] = 0;
    }
    for (int e = 0; e < terms; e++) {
        ends[index[list[e]] - first]++;
    }
    int sum = 0;
    for (int l = 0; l < owned; l++) {
        const int count = ends[l];
        ends[l] = sum;
        sum += count;
    }
    for (int e = 0; e < terms; e++) {
        order[ends[index[list[e]] - first]++] = list[e];
    }
    for (size_t o = 0; o < OUTER; o++) {
        add_rows(x + o * COUNT * INNER + begin, order, ends, owned, terms, end - begin,
                 y + (o * LENGTH + (size_t)first) * INNER + begin);
    }
}
