/* One time step in one pass over device memory.

   A warp computes a tile of 32 packs side by side, and goes down its rows: north and here stay in
   registers, so each row is loaded once, by 16 bytes a thread; west and east come from the lanes
   beside, and for the first and the last lane from the cache. The loads of ROWS rows are under way
   together before the first of them is used.

   ci/compile_kernels.py compiles these:
   variants: ITEM=float32,float64 */

#include "update.cuh"

#ifndef ROWS
#define ROWS 4
#endif
#define LINE ((int)(128 / sizeof(ITEM))) /* tiles begin where a line of the cache does */

/* Compute rows [row_first, row_last) and columns [column_first, column_last) of `out`, which are
   none of the first or last of the array. Strips are `height` rows high; in each are `blocks`
   blocks, of as many tiles as they have warps. Rows lie `u_pitch` and `out_pitch` items apart, and
   begin at multiples of 128 bytes. Of `u` only packs are read that hold items of the region or the
   items around it. */
extern "C" __global__ void __launch_bounds__(256, 4)
sweep_once(const ITEM *__restrict__ u, ITEM *__restrict__ out, long long u_pitch,
           long long out_pitch, int row_first, int row_last, int column_first, int column_last,
           int blocks, int height, ITEM centre, ITEM r) {
    const int lane = threadIdx.x % WARP;
    const int before = (int)(blockIdx.x % blocks) * (int)blockDim.x; /* packs to the left */
    const int column = column_first / LINE * LINE + (before + (int)threadIdx.x) * PACK;
    const int first = row_first + (int)(blockIdx.x / blocks) * height;
    const int last = row_last - first < height ? row_last : first + height;
    const bool whole = column >= column_first && column + PACK <= column_last;
    const bool cut = column < column_last && column + PACK > column_first;
    const bool read = column < column_last + 1 && column + PACK > column_first - 1;
    /* What the lane beside would have, if there were one, and only if it is needed. */
    const bool leftmost = lane == 0, rightmost = lane == WARP - 1;
    const bool beside = (leftmost && column >= column_first && column < column_last) ||
                        (rightmost && column + PACK <= column_last);
    const long long where = leftmost ? -1 : PACK;

    u += (long long)first * u_pitch + column;
    out += (long long)first * out_pitch + column;
    pack north, here;
    if (read) {
        north = load_pack(u - u_pitch);
        here = load_pack(u);
    }
    for (int row = first; row < last; row += ROWS) {
        pack south[ROWS];
        ITEM edge[ROWS];
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            if (read && row + k < last)
                south[k] = load_pack(u + (k + 1) * u_pitch);
            if (beside && row + k < last)
                edge[k] = __ldg(u + k * u_pitch + where);
        }
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            if (row + k >= last)
                break;
            const ITEM left = from_left(here.item[PACK - 1]), right = from_right(here.item[0]);
            pack after;
#pragma unroll
            for (int i = 0; i < PACK; i++) {
                const ITEM west = i ? here.item[i - 1] : leftmost ? edge[k] : left;
                const ITEM east = i < PACK - 1 ? here.item[i + 1] : rightmost ? edge[k] : right;
                after.item[i] = update(north.item[i], south[k].item[i], west, east, here.item[i],
                                       centre, r);
            }
            if (whole)
                store_pack(out + k * out_pitch, after);
            else if (cut)
#pragma unroll
                for (int i = 0; i < PACK; i++)
                    if (column + i >= column_first && column + i < column_last)
                        out[k * out_pitch + i] = after.item[i];
            north = here;
            here = south[k];
        }
        u += ROWS * u_pitch;
        out += ROWS * out_pitch;
    }
}
