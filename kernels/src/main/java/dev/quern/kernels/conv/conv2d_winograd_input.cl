// Purpose: all pixels transformed for Winograd's convolution, for problems whose tiles serve many output channels.
//
//   group id 0: tile row of all images; group id 1: block of 16 input channels
//
// Parameters: as in conv2d_winograd_pixels.h. Arguments: sizes; tile_rows of an image; tiles of a tile row; pitch, tiles from
//   one block of channels to the next one's.
// Requirements: group size (1,1,1); conv2d_winograd_pixels.h in front.
// Determinism: each element is one work-item's.

Q_DEFINE_TRANSFORM_TILE_ROW(q_transform_tile_row, Q_GLOBAL, Q_STORE16_GLOBAL)

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_winograd_input(Q_GLOBAL const float* x, Q_GLOBAL float* pixels, int n, int c, int h, int w, int pad_top,
        int pad_left, int tile_rows, int tiles, int pitch) {
    const size_t row = Q_GROUP_ID(0);
    const int block = (int)Q_GROUP_ID(1);
    const size_t image = row / tile_rows;
    const int blocks = (c + 15) / 16;
    q_transform_tile_row(x, (image * c + block * 16) * h * w, (size_t)n * c * h * w, min(16, c - block * 16), h, w,
            (int)(row % tile_rows) * TILE - pad_top, pad_left, tiles,
            pixels + ((size_t)block * pitch + row * tiles) * 16, (size_t)blocks * pitch * 16);
}
