/* LEVELS time steps in one pass over device memory, in the registers of warps.

   A warp has 32 lanes of ITEMS columns each, 1 KiB of a row, and goes down a strip. For each level,
   a number of time steps, it keeps the last two rows. When a row of level 0 arrives from memory, the
   row before it of level 1 can be computed, with that the row before of level 2, and so on, until
   a row of level LEVELS is stored. West and east come from the lane itself or, once a row and level
   each, from the lanes beside. The outer lanes lack those, so at each level one more column on
   either side is out of date: neighbouring tiles overlap by twice MARGIN columns, which are not
   stored, and strips by twice LEVELS rows. Nothing is shared between warps: no barriers.

   Blocks that see the array's rim, or of which the region cuts something off, keep the rim as it
   is and watch all bounds (RIM); the others have no branch but the one that stores. All that
   decides about branches is the same in a block, so that the compiler sees that warps stay whole
   where lanes talk to each other, and keeps bounds and addresses out of the lanes' registers.

   ci/compile_kernels.py compiles these:
   variants: ITEM=float64 LEVELS=1,2,3,4,5,6,7,8,9,10
   variants: ITEM=float32 LEVELS=1,2,3,4,5,6,7,8 */

#include "update.cuh"

#ifndef LEVELS
#define LEVELS 8
#endif
#define BLOCKS (LEVELS <= 3 ? 4 : LEVELS <= 5 ? 3 : 2) /* of 4 warps: registers suffice for them */
#define AHEAD (LEVELS <= 8 ? 2 : 1) /* rows that are on their way while one is worked on */
#define ITEMS (2 * PACK)            /* 32 bytes: what memory moves at least */
#define WIDTH (WARP * ITEMS)
#define MARGIN ((LEVELS + ITEMS - 1) / ITEMS * ITEMS)
#define STORED (WIDTH - 2 * MARGIN)

/* What a lane has of a row. */
struct part {
    ITEM item[ITEMS];
    __device__ part() {}
};

/* What a warp computes, and where from. */
struct tile {
    const ITEM *u;
    ITEM *out;
    long long u_pitch, out_pitch;
    int rows, columns;             /* of the array */
    int column_first, column_last; /* of the region */
    int top, bottom;               /* the rows that are stored: [top, bottom) */
    int begin;                     /* the first column that is read; may be negative */
    int column;                    /* this lane's first */
    unsigned fixed;                /* bit i: this lane's column i is at the array's rim */
    ITEM centre, r;
};

/* The part of a row in memory; of a row beyond the last that is needed, that one's. */
template <bool RIM> inline __device__ part load_part(const tile &t, int row) {
    const int last = t.bottom - 1 + LEVELS < t.rows ? t.bottom - 1 + LEVELS : t.rows - 1;
    const ITEM *from = t.u + (row < last ? row : last) * t.u_pitch + t.column;
    part loaded;
#pragma unroll
    for (int p = 0; p < 2; p++) {
        const int column = t.column + p * PACK;
        pack read;
        const int from_column = t.column_first - LEVELS, to_column = t.column_last + LEVELS;
        if (!RIM || (column >= 0 && column < t.columns && column + PACK > from_column &&
                     column < to_column))
            read = load_pack(from + p * PACK);
        else
#pragma unroll
            for (int i = 0; i < PACK; i++)
                read.item[i] = 0;
#pragma unroll
        for (int i = 0; i < PACK; i++)
            loaded.item[p * PACK + i] = read.item[i];
    }
    return loaded;
}

/* Store a part of a row. Two lanes swap packs first, so that each store fills whole sectors. */
template <bool RIM> inline __device__ void store_part(const tile &t, int row, const part &stored) {
    const int lane = threadIdx.x % WARP;
    const bool odd = lane % 2;
    const int column = t.begin + lane / 2 * (2 * ITEMS) + lane % 2 * PACK;
    pack packs[2];
#pragma unroll
    for (int i = 0; i < PACK; i++) {
        const ITEM mine = odd ? stored.item[i] : stored.item[PACK + i];
        const ITEM other = __shfl_sync(ALL_LANES, mine, lane ^ 1);
        packs[0].item[i] = odd ? other : stored.item[i];
        packs[1].item[i] = odd ? stored.item[PACK + i] : other;
    }
    ITEM *to = t.out + row * t.out_pitch + column;
#pragma unroll
    for (int p = 0; p < 2; p++) {
        const int at = column + p * ITEMS;
        if (at < t.begin + MARGIN || at >= t.begin + WIDTH - MARGIN)
            continue;
        if (!RIM || (at >= t.column_first && at + PACK <= t.column_last))
            store_pack(to + p * ITEMS, packs[p]);
        else
#pragma unroll
            for (int i = 0; i < PACK; i++)
                if (at + i >= t.column_first && at + i < t.column_last)
                    to[p * ITEMS + i] = packs[p].item[i];
    }
}

/* Let a row of level 0 arrive: every level gets a row, and the last one's is stored. Of `kept` the
   row EVEN of each level is the older one, in whose place comes the newest. */
template <bool RIM, int EVEN>
inline __device__ void advance(const tile &t, part (&kept)[LEVELS][2], part arriving, int row) {
#pragma unroll
    for (int level = 0; level < LEVELS; level++) {
        const part &north = kept[level][EVEN], &here = kept[level][1 - EVEN];
        const ITEM left = from_left(here.item[ITEMS - 1]), right = from_right(here.item[0]);
        part after;
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            const ITEM west = i ? here.item[i - 1] : left;
            const ITEM east = i < ITEMS - 1 ? here.item[i + 1] : right;
            after.item[i] = update(north.item[i], arriving.item[i], west, east, here.item[i],
                                   t.centre, t.r);
            if (RIM) {
                const int y = row - level - 1;
                if (y == 0 || y == t.rows - 1 || (t.fixed >> i & 1))
                    after.item[i] = here.item[i];
            }
        }
        kept[level][EVEN] = arriving;
        arriving = after;
    }
    if (row - LEVELS >= t.top && row - LEVELS < t.bottom)
        store_part<RIM>(t, row - LEVELS, arriving);
}

/* Go down the strip, with the start-up above it and the end below. */
template <bool RIM> inline __device__ void march(const tile &t) {
    part kept[LEVELS][2], ahead[AHEAD];
#pragma unroll
    for (int level = 0; level < LEVELS; level++)
#pragma unroll
        for (int i = 0; i < ITEMS; i++)
            kept[level][0].item[i] = kept[level][1].item[i] = 0;
    const int first = t.top > LEVELS ? t.top - LEVELS : 0;
#pragma unroll
    for (int k = 0; k < AHEAD; k++)
        ahead[k] = load_part<RIM>(t, first + k);
    for (int row = first; row < t.bottom + LEVELS; row += 2) {
        const part even = ahead[0];
        ahead[0] = load_part<RIM>(t, row + AHEAD);
        advance<RIM, 0>(t, kept, even, row);
        const part odd = ahead[AHEAD - 1];
        ahead[AHEAD - 1] = load_part<RIM>(t, row + 1 + AHEAD);
        advance<RIM, 1>(t, kept, odd, row + 1);
    }
}

/* Compute rows [row_first, row_last) and columns [column_first, column_last) of `out` as they are
   after LEVELS time steps from `u`, an array of `rows` and `columns`, whose rim stays as it is.
   Strips are `height` rows high; in each are `blocks` blocks of as many tiles as they have warps.
   Rows lie `u_pitch` and `out_pitch` items apart, and begin at multiples of 128 bytes. Of `u` only
   packs are read that hold items of the region or at most LEVELS beside it. */
extern "C" __global__ void __launch_bounds__(128, BLOCKS)
sweep_tiles(const ITEM *__restrict__ u, ITEM *__restrict__ out, long long u_pitch,
            long long out_pitch, int rows, int columns, int row_first, int row_last,
            int column_first, int column_last, int blocks, int height, ITEM centre, ITEM r) {
    /* The last strip comes first: at the rim it takes longer, and the end should be even. */
    const int strips = gridDim.x / blocks;
    const int strip = (blockIdx.x / blocks + strips - 1) % strips;
    const int tiles = blockDim.x / WARP;
    const int begin = column_first / ITEMS * ITEMS - MARGIN +
                      (int)(blockIdx.x % blocks) * tiles * STORED;
    const int end = begin + (tiles - 1) * STORED + WIDTH;
    tile t;
    t.u = u;
    t.out = out;
    t.u_pitch = u_pitch;
    t.out_pitch = out_pitch;
    t.rows = rows;
    t.columns = columns;
    t.column_first = column_first;
    t.column_last = column_last;
    t.top = row_first + strip * height;
    t.bottom = row_last - t.top < height ? row_last : t.top + height;
    t.begin = begin + (int)(threadIdx.x / WARP) * STORED;
    t.column = t.begin + (int)(threadIdx.x % WARP) * ITEMS;
    t.fixed = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        t.fixed |= (t.column + i == 0 || t.column + i == columns - 1) << i;
    t.centre = centre;
    t.r = r;
    if (begin >= 0 && end <= columns && begin >= column_first - LEVELS &&
        end <= column_last + LEVELS && t.top >= LEVELS && t.bottom + LEVELS <= rows)
        march<false>(t);
    else
        march<true>(t);
}
