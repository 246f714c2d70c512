// Purpose: group norm of [BATCH, GROUPS * PER_GROUP, INNER], on CPUs: some rows are read while those before are written. INNER = 1 with one
// group is layer norm.
//
//   rows and strands: group_norm_pipeline.cl
//
// Statistics are taken of x - shift, where shift is the row's first element, so that nothing that the numbers have in common costs digits:
// for each lane, a few numbers at a time, from their distances to the mean so far. Of n numbers whose mean is m and c more, whose
// distances from m have the sum s and the squares q, the mean is m + s / (n + c), and the squares about it grow by q - s * s / (n + c).
//
// Parameters, all of them definitions: those of group_norm_pipeline.cl; EPSILON; OPERANDS, the problem's operands as parameters,
//   PASSED_OPERANDS and OPERAND_NAMES.
// Requirements: group_norm_pipeline.cl in front.
// Adds over vector_cpu: memory is read and written all the time; each element is loaded twice, not three times.
// Determinism: lanes and their joining have fixed orders.

// Vectors of a row after which the mean so far is moved.
#define STRETCH 16

// What is known so far of a row that is looked at.
typedef struct {
    VECTOR mean;
    VECTOR squares;
    float shift;
} Looked;

// What is known of a row that is written: (x - shift) * inverse + offset has mean 0 and variance 1.
typedef struct {
    float shift;
    float inverse;
    float offset;
} Known;

// One row of each of S strands; the one that is looked at by the first begins at element next, and that which is written, row r, at now.
ALWAYS void pass(int S, int look, int write, int r, int between, size_t next, size_t now, Looked* looked, const Known* known,
                 PASSED_OPERANDS Q_EPILOGUE_PARAMETERS) {
    const size_t apart = (size_t)between * ROW;
    VECTOR shift[STRANDS];
    VECTOR centre[STRANDS];
    EACH(S) {
        shift[k] = (VECTOR)(looked[k].shift);
#if CENTRED
        centre[k] = look ? GET(x, next + k * apart) - shift[k] : (VECTOR)(0.0f);
#else
        centre[k] = (VECTOR)(0.0f);
#endif
        looked[k].squares = 0.0f;
    }
    float count = 0.0f;
    for (int segment = 0; segment < SEGMENTS; segment++) {
        VECTOR own_shift[STRANDS];
        VECTOR scale[STRANDS];
        VECTOR offset[STRANDS];
        if (write) {
            EACH(S) {
                own_shift[k] = (VECTOR)(known[k].shift);
#if INNER == 1
                scale[k] = (VECTOR)(known[k].inverse);
                offset[k] = (VECTOR)(known[k].offset);
#else
                const int c = CHANNEL_OF(r + k * between) + segment;
                scale[k] = (VECTOR)(known[k].inverse * WEIGHT(c));
                offset[k] = (VECTOR)(fma(known[k].offset, WEIGHT(c), BIAS(c)));
#endif
            }
        }
        for (int first = 0; first < SEGMENT; first += STRETCH * W) {
            const int end = min(first + STRETCH * W, SEGMENT);
            VECTOR sum[STRANDS];
            VECTOR squares[STRANDS];
            EACH(S) {
                sum[k] = 0.0f;
                squares[k] = 0.0f;
            }
            for (int v = first; v < end; v += W) {
                const int i = segment * SEGMENT + v;
                if (look) {
                    EACH(S) {
                        FETCH(x + next + k * apart + i + AHEAD);
                        const VECTOR d = GET(x, next + k * apart + i) - shift[k] - centre[k];
#if CENTRED
                        sum[k] += d;
#endif
                        squares[k] = fma(d, d, squares[k]);
                    }
                }
                if (write) {
                    VECTOR result[STRANDS];
                    EACH(S) { result[k] = fma(GET(x, now + k * apart + i) - own_shift[k], scale[k], offset[k]); }
#if INNER == 1
                    EACH(S) { result[k] = fma(result[k], WEIGHTS(i), BIASES(i)); }
#endif
                    EACH(S) { PUT(y, now + k * apart + i, FINISH(result[k], now + k * apart + i)); }
                }
            }
            if (look) {
                count += (float)((end - first) / W);
                const float share = 1.0f / count;
                EACH(S) {
#if CENTRED
                    const VECTOR distance = sum[k] * share;
                    centre[k] += distance;
                    looked[k].squares += fma(-sum[k], distance, squares[k]);
#else
                    looked[k].squares += squares[k];
#endif
                }
            }
        }
    }
    EACH(S) { looked[k].mean = centre[k]; }
}

// So many rows of each of S strands, from row first on.
ALWAYS void rows(int S, int first, int between, int count, PASSED_OPERANDS Q_EPILOGUE_PARAMETERS) {
    Looked looked[STRANDS];
    Known known[STRANDS];
    for (int t = 0; t <= count; t++) {
        const int r = first + t;
        const size_t at = (size_t)r * ROW;
        if (t < count) {
            EACH(S) { looked[k].shift = CENTRED ? X_LOAD(x, at + (size_t)k * between * ROW) : 0.0f; }
        }
        if (t == 0) {
            pass(S, 1, 0, r, between, at, at, looked, known, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
        } else if (t < count) {
            pass(S, 1, 1, r - 1, between, at, at - ROW, looked, known, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
        } else {
            pass(S, 0, 1, r - 1, between, at - ROW, at - ROW, looked, known, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
            break;
        }
        EACH(S) {
            const float centre = lanes_sum(looked[k].mean) / (float)W;
            const VECTOR distance = looked[k].mean - centre;
            const float squares = lanes_sum(fma(distance * (float)(ROW / W), distance, looked[k].squares));
            const float inverse = 1.0f / sqrt(squares / (float)ROW + EPSILON);
#if CENTRED
            mean[r + k * between] = looked[k].shift + centre;
#endif
            rstd[r + k * between] = inverse;
            known[k].shift = looked[k].shift;
            known[k].inverse = inverse;
            known[k].offset = -centre * inverse;
        }
    }
}

#define ROWS_OF(S, first, between, count) rows(S, first, between, count, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void group_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    EACH_STRAND(ROWS_OF);
}
