// Purpose: Winograd's convolution on a CPU: one work-item owns some tile rows for some blocks of output channels.
//
//   group id 0: range of tile rows, of all images; group id 1: part of the blocks of LANES output channels
//
//   for each block of output channels:
//     for each of the ALPHA*ALPHA components:
//       products[component][tile][lane] = sum over c of pixels[component][c / 16][tile][c % 16] (broadcast)
//                                                      * filter[block][component][c][lane]
//     outputs of a tile row = A' products A, turned on their side and collected in rows, over which the epilogue runs
//
// Parameters: definitions TILE, NV (1 or 2), LANES = 16*NV, BLOCK (tiles whose sums are in registers), LINE_PIXELS, FUSED (1:
//   the work-item transforms its pixels itself, into private memory; 0: they were transformed beforehand), PIXEL_FLOATS,
//   PRODUCT_FLOATS, STAGE_FLOATS. Arguments: sizes; tile_rows of an image; tiles of a tile row; range, tile rows of a
//   work-item; pitch, tiles from one block of channels to the next one's in `pixels`; blocks; part, blocks of a part.
// Requirements: group size (1,1,1); `pixels` may be read up to BLOCK-1 tiles past a range, whatever lies there.
// Adds over direct_blocked: a product for every TILE*TILE outputs instead of 9 for each: 2.25 or 4 times fewer. What is in
//   between stays in the second-level cache.
// Determinism: each sum is one work-item's, in the order of c.

#define COMPONENTS (ALPHA * ALPHA)
#if FUSED
#define PIXELS_ARE
Q_DEFINE_TRANSFORM_TILE_ROW(q_transform_tile_row, , Q_STORE16)
#else
#define PIXELS_ARE Q_GLOBAL
#endif

// The products of BLOCK tiles with LANES output channels for one component.
__attribute__((noinline)) static void q_multiply(PIXELS_ARE const float* pixels, size_t channels_pitch, int c,
        Q_GLOBAL const float* filter, float* products) {
    float16 sums[BLOCK][NV];
    #pragma unroll
    for (int j = 0; j < BLOCK; j++) {
        #pragma unroll
        for (int v = 0; v < NV; v++) {
            sums[j][v] = (float16)(0.0f);
        }
    }
    #pragma unroll 1
    for (int first = 0; first < c; first += 16) {
        const int count = min(16, c - first);
        #pragma unroll 1
        for (int i = 0; i < count; i++) {
            float16 weights[NV];
            #pragma unroll
            for (int v = 0; v < NV; v++) {
                weights[v] = vload16(v, filter);
            }
            #pragma unroll
            for (int j = 0; j < BLOCK; j++) {
                const float16 pixel = (float16)(pixels[j * 16 + i]);
                #pragma unroll
                for (int v = 0; v < NV; v++) {
                    sums[j][v] = fma(pixel, weights[v], sums[j][v]);
                }
            }
            filter += LANES;
        }
        pixels += channels_pitch;
    }
    #pragma unroll
    for (int j = 0; j < BLOCK; j++) {
        #pragma unroll
        for (int v = 0; v < NV; v++) {
            Q_STORE16(products + j * LANES + v * 16, sums[j][v]);
        }
    }
}

// Transforms the products of a tile row for sixteen output channels and puts them into planes of TILE rows of q.
__attribute__((noinline)) static void q_outputs(const float* products, size_t component, int tiles, int q, float* stage, int stage_pitch) {
    float16 rows[TILE * LINE_PIXELS];
    #pragma unroll 1
    for (int tile = 0; tile < tiles; tile++) {
        float16 half_done[TILE][ALPHA];
        #pragma unroll
        for (int b = 0; b < ALPHA; b++) {
            float16 column[ALPHA];
            float16 done[TILE];
            #pragma unroll
            for (int a = 0; a < ALPHA; a++) {
                column[a] = vload16(0, products + (a * ALPHA + b) * component + tile * LANES);
            }
            q_transform_products(column, done);
            #pragma unroll
            for (int i = 0; i < TILE; i++) {
                half_done[i][b] = done[i];
            }
        }
        #pragma unroll
        for (int i = 0; i < TILE; i++) {
            q_transform_products(half_done[i], rows + i * LINE_PIXELS + tile * TILE);
        }
    }
    #pragma unroll 1
    for (int i = 0; i < TILE; i++) {
        #pragma unroll 1
        for (int j = 0; j < q; j += 16) {
            float16 square[16];
            #pragma unroll
            for (int l = 0; l < 16; l++) {
                square[l] = rows[i * LINE_PIXELS + j + l];
            }
            q_transpose16(square);
            // What reaches past a row's end is overwritten by the next row.
            #pragma unroll
            for (int l = 0; l < 16; l++) {
                Q_STORE16(stage + l * stage_pitch + i * q + j, square[l]);
            }
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_winograd(Q_GLOBAL const float* x, Q_GLOBAL const float* filter, Q_GLOBAL float* y, int n, int c, int h, int w,
        int k, int p, int q, int pad_top, int pad_left, int tile_rows, int tiles, int range, int pitch, int blocks,
        int part, int stage_pitch Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float products[PRODUCT_FLOATS];
    __attribute__((aligned(64))) float stage[STAGE_FLOATS];
    const size_t first_row = Q_GROUP_ID(0) * range;
    const int rows = (int)min((size_t)range, (size_t)n * tile_rows - first_row);
    const int channel_blocks = (c + 15) / 16;
    const int multiplied = (rows * tiles + BLOCK - 1) / BLOCK * BLOCK;
    const size_t pixel_component = (size_t)channel_blocks * pitch * 16;
#if FUSED
    __attribute__((aligned(64))) float transformed[PIXEL_FLOATS];
    for (int i = 0; i < rows; i++) {
        const size_t image = (first_row + i) / tile_rows;
        const int top = (int)((first_row + i) % tile_rows) * TILE - pad_top;
        for (int block = 0; block < channel_blocks; block++) {
            q_transform_tile_row(x, (image * c + block * 16) * h * w, (size_t)n * c * h * w, min(16, c - block * 16), h, w, top,
                    pad_left, tiles, transformed + ((size_t)block * pitch + i * tiles) * 16, pixel_component);
        }
    }
    const float* pixels = transformed;
#else
    Q_GLOBAL const float* pixels = x + first_row * tiles * 16;
#endif
    const int end_block = min(((int)Q_GROUP_ID(1) + 1) * part, blocks);
    for (int block = (int)Q_GROUP_ID(1) * part; block < end_block; block++) {
        for (int i = 0; i < COMPONENTS; i++) {
            Q_GLOBAL const float* weights = filter + ((size_t)block * COMPONENTS + i) * c * LANES;
            for (int t = 0; t < multiplied; t += BLOCK) {
                q_multiply(pixels + i * pixel_component + t * 16, (size_t)pitch * 16, c, weights,
                        products + ((size_t)i * multiplied + t) * LANES);
            }
        }
        for (int i = 0; i < rows; i++) {
            const size_t image = (first_row + i) / tile_rows;
            const int first_p = (int)((first_row + i) % tile_rows) * TILE;
            for (int v = 0; v < NV; v++) {
                const int first_k = block * LANES + v * 16;
                q_outputs(products + i * tiles * LANES + v * 16, (size_t)multiplied * LANES, tiles, q, stage, stage_pitch);
                for (int j = 0; j < min(16, k - first_k); j++) {
                    q_finish(stage + j * stage_pitch, y, (((size_t)image * k + first_k + j) * p + first_p) * q,
                            min(TILE, p - first_p) * q Q_EPILOGUE_ARGUMENTS);
                }
            }
        }
    }
}
