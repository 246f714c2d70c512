// Purpose: the gradients of group norm of [BATCH, GROUPS * PER_GROUP, INNER], on CPUs: some rows are read while those before are written.
//
//   rows and strands: group_norm_pipeline.cl; shares of the parameters' gradients: group_norm_backward_join.cl
//     INNER = 1: p is the work-item      INNER > 1: p is the sample, and each channel's two sums serve dx as well
//
// Parameters, all of them definitions: those of group_norm_pipeline.cl and group_norm_backward_join.cl; OPERANDS, the problem's operands as
//   parameters, PASSED_OPERANDS and OPERAND_NAMES.
// Requirements: both in front.
// Adds over vector_cpu: memory is read and written all the time.
// Determinism: each sum runs in a fixed order.

// What the looked at row's weight * dy and weight * dy * normalised x add up to, and its statistics.
typedef struct {
    float gradients;
    float products;
    float middle;
    float inverse;
} Looked;

// dx = ((x - middle) * slope + (weight * dy - average)) * inverse.
typedef struct {
    float middle;
    float slope;
    float average;
    float inverse;
} Known;

#define PUT_NUMBERS(v, p) (*(Q_GLOBAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p) = (v))

// One row of each of S strands; that which is looked at by the first is row q and begins at element next, that which is written is row r and
// begins at now.
ALWAYS void pass(int S, int look, int write, int q, int r, int between, size_t next, size_t now, Looked* looked, const Known* known,
                 Q_GLOBAL float* partial, PASSED_OPERANDS Q_EPILOGUE_PARAMETERS) {
    const size_t apart = (size_t)between * ROW;
    VECTOR middle[STRANDS];
    VECTOR inverse[STRANDS];
    VECTOR own_middle[STRANDS];
    VECTOR slope[STRANDS];
    VECTOR average[STRANDS];
    VECTOR own_inverse[STRANDS];
    VECTOR weights[STRANDS];
    EACH(S) {
        if (look) {
            middle[k] = (VECTOR)(looked[k].middle);
            inverse[k] = (VECTOR)(looked[k].inverse);
            looked[k].gradients = 0.0f;
            looked[k].products = 0.0f;
        }
        if (write) {
            own_middle[k] = (VECTOR)(known[k].middle);
            slope[k] = (VECTOR)(known[k].slope);
            average[k] = (VECTOR)(known[k].average);
            own_inverse[k] = (VECTOR)(known[k].inverse);
        }
    }
    for (int segment = 0; segment < SEGMENTS; segment++) {
        VECTOR gradients[STRANDS];
        VECTOR products[STRANDS];
        EACH(S) {
            gradients[k] = 0.0f;
            products[k] = 0.0f;
            weights[k] = (VECTOR)(INNER > 1 && write ? WEIGHT(CHANNEL_OF(r + k * between) + segment) : 1.0f);
        }
        for (int v = 0; v < SEGMENT; v += W) {
            const int i = segment * SEGMENT + v;
            if (look) {
                VECTOR of_bias = 0.0f;
                VECTOR of_weight = 0.0f;
                EACH(S) {
                    FETCH(dy + next + k * apart + i + AHEAD);
                    FETCH(x + next + k * apart + i + AHEAD);
                    const VECTOR d = GET(dy, next + k * apart + i);
                    const VECTOR normal = (GET(x, next + k * apart + i) - middle[k]) * inverse[k];
                    const VECTOR g = d * WEIGHTS(i);
                    gradients[k] += g;
                    products[k] = fma(g, normal, products[k]);
                    of_bias += d;
                    of_weight = fma(d, normal, of_weight);
                }
#if INNER == 1 && HAS_BIAS
                PUT_NUMBERS(LOAD(OF_BIAS(Q_GROUP_ID(0)) + i) + of_bias, OF_BIAS(Q_GROUP_ID(0)) + i);
#endif
#if INNER == 1 && HAS_WEIGHT
                PUT_NUMBERS(LOAD(OF_WEIGHT(Q_GROUP_ID(0)) + i) + of_weight, OF_WEIGHT(Q_GROUP_ID(0)) + i);
#endif
            }
            if (write) {
                VECTOR result[STRANDS];
                EACH(S) {
                    const VECTOR g = fma(GET(dy, now + k * apart + i), INNER == 1 ? WEIGHTS(i) : weights[k], -average[k]);
                    result[k] = fma(GET(x, now + k * apart + i) - own_middle[k], slope[k], g) * own_inverse[k];
                }
                EACH(S) { PUT(dx, now + k * apart + i, FINISH(result[k], now + k * apart + i)); }
            }
        }
        if (look) {
            EACH(S) {
                const float of_bias = lanes_sum(gradients[k]);
                const float of_weight = lanes_sum(products[k]);
#if INNER == 1
                looked[k].gradients = of_bias;
                looked[k].products = of_weight;
#else
                const int c = CHANNEL_OF(q + k * between) + segment;
                const int sample = (q + k * between) / GROUPS;
                OF_BIAS(sample)[c] = of_bias;
                OF_WEIGHT(sample)[c] = of_weight;
                looked[k].gradients = fma(of_bias, WEIGHT(c), looked[k].gradients);
                looked[k].products = fma(of_weight, WEIGHT(c), looked[k].products);
#endif
            }
        }
    }
}

// So many rows of each of S strands, from row first on.
ALWAYS void rows(int S, int first, int between, int count, Q_GLOBAL float* partial, PASSED_OPERANDS Q_EPILOGUE_PARAMETERS) {
    Looked looked[STRANDS];
    Known known[STRANDS];
    for (int t = 0; t <= count; t++) {
        const int r = first + t;
        const size_t at = (size_t)r * ROW;
        if (t < count) {
            EACH(S) {
                looked[k].middle = MEAN(r + k * between);
                looked[k].inverse = rstd[r + k * between];
            }
        }
        if (t == 0) {
            pass(S, 1, 0, r, r, between, at, at, looked, known, partial, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
        } else if (t < count) {
            pass(S, 1, 1, r, r - 1, between, at, at - ROW, looked, known, partial, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
        } else {
            pass(S, 0, 1, r - 1, r - 1, between, at - ROW, at - ROW, looked, known, partial, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS);
            break;
        }
        EACH(S) {
            known[k].middle = looked[k].middle;
            known[k].average = AVERAGE(looked[k].gradients);
            known[k].slope = -looked[k].inverse * looked[k].products / (float)ROW;
            known[k].inverse = looked[k].inverse;
        }
    }
}

#define ROWS_OF(S, first, between, count) rows(S, first, between, count, partial, OPERAND_NAMES Q_EPILOGUE_ARGUMENTS)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void group_norm_backward(OPERANDS, Q_GLOBAL float* Q_RESTRICT partial Q_EPILOGUE_PARAMETERS) {
#if INNER == 1
    Q_GLOBAL float* db = OF_BIAS(Q_GROUP_ID(0));
    Q_GLOBAL float* dw = OF_WEIGHT(Q_GROUP_ID(0));
    for (int c = 0; c < CHANNELS; c++) {
        db[c] = 0.0f;
        dw[c] = 0.0f;
    }
#endif
    EACH_STRAND(ROWS_OF);
}
