// Purpose: the pixels of a row of tiles transformed for Winograd's convolution, sixteen input channels as lanes.
//
//   pixels[component][block of 16 channels][tile][lane] = B' d B
//
// Requirements: definitions TILE, LINE_PIXELS (most columns that a row of tiles reads, rounded up by 16);
//   conv2d_vectors.h, conv2d_channel_lanes.h and conv2d_winograd_transforms.h in front.

// Transforms the tiles of one tile row for one block of channels. Component i is stored at out + i*component; PLACE is the
// address space of out.
#define Q_DEFINE_TRANSFORM_TILE_ROW(NAME, PLACE, STORE) \
__attribute__((noinline)) static void NAME(Q_GLOBAL const float* x, size_t first, size_t total, int channels, int h, int w, int top, int left, \
        int tiles, PLACE float* out, size_t component) { \
    float16 lines[ALPHA * LINE_PIXELS]; \
    const int columns = tiles * TILE + 2; \
    const int inside = min(w, columns - left); \
    _Pragma("unroll 1") for (int i = 0; i < ALPHA; i++) { \
        float16* line = lines + i * LINE_PIXELS; \
        const int row = top + i; \
        const bool there = row >= 0 && row < h; \
        _Pragma("unroll 1") for (int j = 0; j < left; j++) { \
            line[j] = (float16)(0.0f); \
        } \
        if (there) { \
            q_to_lanes(x, first + (size_t)row * w, (size_t)h * w, channels, inside, total, line + left); \
        } \
        _Pragma("unroll 1") for (int j = there ? left + inside : left; j < columns; j++) { \
            line[j] = (float16)(0.0f); \
        } \
    } \
    _Pragma("unroll 1") for (int tile = 0; tile < tiles; tile++) { \
        float16 half_done[ALPHA][ALPHA]; \
        _Pragma("unroll") for (int i = 0; i < ALPHA; i++) { \
            q_transform_pixels(lines + i * LINE_PIXELS + tile * TILE, half_done[i]); \
        } \
        _Pragma("unroll") for (int b = 0; b < ALPHA; b++) { \
            float16 column[ALPHA]; \
            float16 done[ALPHA]; \
            _Pragma("unroll") for (int i = 0; i < ALPHA; i++) { \
                column[i] = half_done[i][b]; \
            } \
            q_transform_pixels(column, done); \
            _Pragma("unroll") for (int a = 0; a < ALPHA; a++) { \
                STORE(out + (a * ALPHA + b) * component + tile * 16, done[a]); \
            } \
        } \
    } \
}

