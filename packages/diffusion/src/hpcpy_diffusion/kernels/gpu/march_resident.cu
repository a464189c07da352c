/* All time steps in one launch: the field stays on the chip, in registers and shared memory.

   The blocks are all on the chip at the same time, and share the inner items out in tiles. A tile
   is a line wide, 32 bytes in each lane of a warp, and WARPS x ROWS rows high: every warp keeps
   ROWS rows over all steps. Its first and its last one lie in shared memory, twice, so that the
   warps above and below read what was while it writes what will be; of the rows between, KEPT lie
   in shared memory and HELD in registers.

   The registers have room for one row more: rows move by one place in each step, up in even steps
   and down again in odd ones, so that a result takes the place of a row that nothing needs any
   longer, and nothing is ever copied.

   Between blocks an item travels through device memory in words of 64 bits: 32 bits of it, and the
   time at which it is so. A word is written and read as a whole, so one that has the right time is
   right: no flag has to be set after the items, so there is no fence, and no barrier of the grid.
   Each item has two places, which take turns. A block that writes where a neighbour has still to
   read would have to be two steps ahead of it, and cannot be: each step needs the neighbour's last.
   The times go on from launch to launch, so nothing is cleared between them, and a launch that was
   recorded can be repeated: each block keeps count in device memory.

   A warp computes its first and last row, then those in shared memory, and sends the ends of all
   these to the blocks beside; then those in registers, and sends theirs. So what others wait for is
   under way while the rest is computed.

   What is compiled is told by macros:

       ITEM          float32 or float64
       HELD, KEPT    rows of a warp between its first and its last, in registers and shared memory
       WHOLE         1 if all tiles lie within the inner items, as needs fewer registers; else 0

   ci/compile_kernels.py compiles these, the largest of hpcpy_diffusion.kernels.gpu.plan_resident:
   variants: ITEM=float32,float64 HELD=0 KEPT=0 WHOLE=0
   variants: ITEM=float32,float64 HELD=10 KEPT=23 WHOLE=0
   variants: ITEM=float32,float64 HELD=16 KEPT=23 WHOLE=1 */

#include "update.cuh"

#ifndef HELD
#define HELD 2
#endif
#ifndef KEPT
#define KEPT 2
#endif
#ifndef WHOLE
#define WHOLE 0
#endif
#define WARPS 8
#define ROWS (2 + KEPT + HELD)

#define ITEMS (2 * PACK)      /* of a row, in a lane */
#define LINE (WARP * ITEMS)   /* of a row, in a warp */
#define PACKS (2 * WARP)      /* of a line in shared memory */
#define EDGES (2 * WARPS + 2) /* lines: first and last of all warps, one above and one below */
#define NEAR (2 + KEPT)       /* rows whose ends are sent first */
#define WORDS ((int)(sizeof(ITEM) / 4))
#define POSTS (2 * LINE + 2 * WARPS * ROWS) /* items that may leave a block in a step */
#define AREA (2 * POSTS * WORDS)            /* words of a block */

typedef unsigned long long word;
struct part { ITEM at[ITEMS]; }; /* of a row: what a lane has */
struct letter { word at[WORDS]; };
union bits {
    ITEM item;
    unsigned at[WORDS];
    __device__ bits() {}
};

/* A line in shared memory: the first packs of all lanes, then the second ones, so that lanes which
   are served together never want the same bank. */
inline __device__ part read_part(const pack *line, int lane) {
    const pack packs[2] = {line[lane], line[WARP + lane]};
    part items;
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        items.at[i] = packs[i / PACK].item[i % PACK];
    return items;
}
inline __device__ void write_part(pack *line, int lane, const part &items) {
    pack packs[2];
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        packs[i / PACK].item[i % PACK] = items.at[i];
    line[lane] = packs[0];
    line[WARP + lane] = packs[1];
}

/* The words of an item lie POSTS apart, so that those of a warp lie side by side. */
inline __device__ void send(volatile word *to, ITEM item, unsigned time) {
    bits sent;
    sent.item = item;
#pragma unroll
    for (int w = 0; w < WORDS; w++)
        to[w * POSTS] = (word)time << 32 | sent.at[w];
}
inline __device__ ITEM read_letter(const letter &received) {
    bits read;
#pragma unroll
    for (int w = 0; w < WORDS; w++)
        read.at[w] = (unsigned)received.at[w];
    return read.item;
}

/* Look at the first `wanted` of N items that come to a lane, which lie APART. */
template <int N, int APART>
inline __device__ void look(const volatile word *box, int wanted, letter (&seen)[N]) {
#pragma unroll
    for (int n = 0; n < N; n++)
        if (n < wanted)
#pragma unroll
            for (int w = 0; w < WORDS; w++)
                seen[n].at[w] = box[n * APART + w * POSTS];
}
/* Look again until what was seen is of the right time. It is a vote of the warp, so that the
   compiler sees that the lanes stay together. */
template <int N, int APART>
inline __device__ void await(const volatile word *box, int wanted, letter (&seen)[N],
                             unsigned time) {
    for (int looks = 1;; looks++) {
        bool arrived = true;
#pragma unroll
        for (int n = 0; n < N; n++)
#pragma unroll
            for (int w = 0; w < WORDS; w++)
                arrived = arrived && (n >= wanted || (unsigned)(seen[n].at[w] >> 32) == time);
        if (__all_sync(ALL_LANES, arrived))
            return;
        if (looks % 4 == 0) /* each time would let the compiler think that lanes part here */
            __nanosleep(20);
        look<N, APART>(box, wanted, seen);
    }
}

/* What a warp knows of its rows and of the blocks around. What lies beside its rows, west for the
   lower 16 lanes and east for the upper ones, and the ends of the rows are in the order of their
   turns: the first row's is 0, the last one's 1, and the others' are 2 and more, downwards. */
struct strip {
    int lane, live_rows, live_items; /* those that change, from the first one; the lane's items */
    ITEM centre, r;
    pack *first, *kept;  /* lines: the last row's is behind the first one's, and others' around */
    ITEM *ends, *beside; /* of turn 0 */
    word *words;
    bool joined, joined_above, joined_below; /* whether another block is there: beside the lane's */
    int outbox, inbox;   /* end, or above or below the warp; and what the lane sends and receives */
    int outbox_above, inbox_above, outbox_below, inbox_below;
};

inline __device__ word *place(const strip &s, int box, bool odd) {
    return s.words + box + (odd ? POSTS * WORDS : 0);
}

/* What lies beside the rows of turns FIRST to LAST - 1, and the ends of these rows: a lane has to
   do with every 16th of them. */
#define LETTERS(FIRST, LAST) (LAST > FIRST ? (LAST - FIRST + 15) / 16 : 1)
template <int FIRST, int LAST> inline __device__ int count_ends(const strip &s) {
    return s.joined ? (LAST - FIRST + 15 - s.lane % 16) / 16 : 0;
}
template <int FIRST, int LAST>
inline __device__ void look_beside(const strip &s, letter (&seen)[LETTERS(FIRST, LAST)], bool odd) {
    look<LETTERS(FIRST, LAST), 16>(place(s, s.inbox + FIRST, odd), count_ends<FIRST, LAST>(s), seen);
}
template <int FIRST, int LAST>
inline __device__ void receive_beside(const strip &s, letter (&seen)[LETTERS(FIRST, LAST)],
                                      bool odd, unsigned time) {
    const int wanted = count_ends<FIRST, LAST>(s);
    await<LETTERS(FIRST, LAST), 16>(place(s, s.inbox + FIRST, odd), wanted, seen, time);
#pragma unroll
    for (int n = 0; n < LETTERS(FIRST, LAST); n++)
        if (n < wanted)
            s.beside[FIRST + s.lane % 16 + 16 * n] = read_letter(seen[n]);
    __syncwarp();
}
template <int FIRST, int LAST>
inline __device__ void send_ends(const strip &s, bool odd, unsigned time) {
    __syncwarp();
#pragma unroll
    for (int n = 0; n < LETTERS(FIRST, LAST); n++)
        if (n < count_ends<FIRST, LAST>(s))
            send(place(s, s.outbox + FIRST + 16 * n, odd), s.ends[FIRST + s.lane % 16 + 16 * n],
                 time);
}

/* A row of the block above or below, or for it. */
inline __device__ part receive_row(const strip &s, int box, bool odd, unsigned time) {
    letter seen[ITEMS];
    look<ITEMS, WARP>(place(s, box, odd), ITEMS, seen);
    await<ITEMS, WARP>(place(s, box, odd), ITEMS, seen, time);
    part items;
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        items.at[i] = read_letter(seen[i]);
    return items;
}
inline __device__ void send_row(const strip &s, int box, const part &items, bool odd,
                                unsigned time) {
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        send(place(s, box + i * WARP, odd), items.at[i], time);
}

/* A row after a step; `turn` and `row` both tell which. */
inline __device__ part advance(const strip &s, int turn, int row, const part &north,
                               const part &here, const part &south) {
    ITEM west = from_left(here.at[ITEMS - 1]), east = from_right(here.at[0]);
    if (s.lane == 0)
        west = s.beside[turn];
    if (s.lane == WARP - 1)
        east = s.beside[turn];
    part after;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        after.at[i] = update(north.at[i], south.at[i], i ? here.at[i - 1] : west,
                             i < ITEMS - 1 ? here.at[i + 1] : east, here.at[i], s.centre, s.r);
        if (!WHOLE && (row >= s.live_rows || i >= s.live_items))
            after.at[i] = here.at[i];
    }
    if (s.lane == 0)
        s.ends[turn] = after.at[0];
    if (s.lane == WARP - 1)
        s.ends[turn] = after.at[ITEMS - 1];
    return after;
}

/* Take a step, from `time` to the one after. In the first one, all that lies around is there. */
template <bool ODD>
inline __device__ void take_step(const strip &s, part (&held)[HELD + 1],
                                 letter (&seen)[LETTERS(0, NEAR)], unsigned time, bool first_step) {
    const int lane = s.lane, top = ODD ? 0 : 1; /* the place of the uppermost row in registers */
    pack *const first = s.first + (ODD ? EDGES * PACKS : 0), *const last = first + PACKS;
    pack *const next = s.first + (ODD ? 0 : EDGES * PACKS);
    if (!first_step) {
        if (s.joined_above)
            write_part(first - PACKS, lane, receive_row(s, s.inbox_above, ODD, time));
        if (s.joined_below)
            write_part(last + PACKS, lane, receive_row(s, s.inbox_below, ODD, time));
        receive_beside<0, NEAR>(s, seen, ODD, time);
    }

    part north = read_part(first, lane);
    part here = KEPT ? read_part(s.kept, lane) : HELD ? held[HELD ? top : 0] : read_part(last, lane);
    const part above_last = HELD   ? held[HELD ? top + HELD - 1 : 0]
                            : KEPT ? read_part(s.kept + (KEPT - 1) * PACKS, lane)
                                   : north;
    part after = advance(s, 0, 0, read_part(first - PACKS, lane), north, here);
    write_part(next, lane, after);
    if (s.joined_above)
        send_row(s, s.outbox_above, after, !ODD, time + 1);
    after = advance(s, 1, ROWS - 1, above_last, read_part(last, lane), read_part(last + PACKS, lane));
    write_part(next + PACKS, lane, after);
    if (s.joined_below)
        send_row(s, s.outbox_below, after, !ODD, time + 1);

    letter seen_later[LETTERS(NEAR, ROWS)] = {};
    if (KEPT) {
        pack *line = s.kept;
#pragma unroll 4
        for (int k = 0; k < KEPT - 1; k++, line += PACKS) {
            const part south = read_part(line + PACKS, lane);
            write_part(line, lane, advance(s, 2 + k, 1 + k, north, here, south));
            north = here;
            here = south;
        }
        if (HELD && !first_step)
            look_beside<NEAR, ROWS>(s, seen_later, ODD);
        const part south = HELD ? held[HELD ? top : 0] : read_part(last, lane);
        write_part(line, lane, advance(s, 1 + KEPT, KEPT, north, here, south));
        north = here;
    }
    send_ends<0, NEAR>(s, !ODD, time + 1);
    if (HELD) {
        if (!first_step)
            receive_beside<NEAR, ROWS>(s, seen_later, ODD, time);
        const part below = read_part(last, lane);
#pragma unroll
        for (int n = 0; n < HELD; n++) {
            const int k = ODD ? HELD - 1 - n : n, at = top + k;
            if (n == HELD - 1)
                look_beside<0, NEAR>(s, seen, !ODD); /* for the next step: mostly it is there */
            held[ODD ? at + 1 : at - 1] =
                advance(s, NEAR + k, NEAR + k - 1, k ? held[k ? at - 1 : 0] : north, held[at],
                        k < HELD - 1 ? held[k < HELD - 1 ? at + 1 : 0] : below);
        }
        send_ends<NEAR, ROWS>(s, !ODD, time + 1);
    }
    __syncthreads();
}

/* The items of a row of u from its second column on; `columns` of it, from the first, are there. */
inline __device__ part load_part(const ITEM *row, int lane, int columns) {
    ITEM items[ITEMS + 1];
#pragma unroll
    for (int i = 0; i < ITEMS; i += PACK) {
        const int column = lane * ITEMS + i;
        pack loaded;
        if (column + PACK <= columns)
            loaded = load_pack(row + column);
        else
#pragma unroll
            for (int p = 0; p < PACK; p++)
                loaded.item[p] = column + p < columns ? __ldg(row + column + p) : 0;
#pragma unroll
        for (int p = 0; p < PACK; p++)
            items[i + p] = loaded.item[p];
    }
    items[ITEMS] = from_right(items[0]);
    if (lane == WARP - 1)
        items[ITEMS] = LINE < columns ? __ldg(row + LINE) : 0;
    part loaded;
#pragma unroll
    for (int i = 0; i < ITEMS; i++)
        loaded.at[i] = items[i + 1];
    return loaded;
}

/* Write the first `columns` of a line's items to a row, from its second column on. */
inline __device__ void store_part(ITEM *row, int lane, const part &items, int columns) {
    ITEM stored[ITEMS];
    stored[0] = from_left(items.at[ITEMS - 1]);
#pragma unroll
    for (int i = 1; i < ITEMS; i++)
        stored[i] = items.at[i - 1];
#pragma unroll
    for (int i = 0; i < ITEMS; i += PACK) {
        const int column = lane * ITEMS + i;
        if (column > 0 && column + PACK - 1 <= columns) {
            pack whole;
#pragma unroll
            for (int p = 0; p < PACK; p++)
                whole.item[p] = stored[i + p];
            store_pack(row + column, whole);
        } else {
#pragma unroll
            for (int p = 0; p < PACK; p++)
                if (column + p > 0 && column + p <= columns)
                    row[column + p] = stored[i + p];
        }
    }
    if (lane == WARP - 1 && LINE <= columns)
        row[LINE] = items.at[ITEMS - 1];
}

/* Write to `out` the rows x columns inner items of `u` after some steps. Rows of both begin at
   multiples of 16 bytes, and lie `u_pitch` and `out_pitch` items apart. `words` are AREA for each
   block, and `times` one for each block: zeros before the first launch, and then left alone. */
extern "C" __global__ void __launch_bounds__(256)
march_resident(const ITEM *__restrict__ u, ITEM *__restrict__ out, long long u_pitch,
               long long out_pitch, int rows, int columns, ITEM centre, ITEM r, int steps,
               unsigned *words, unsigned *times) {
    DYNAMIC_SHARED(pack, lines);
    const int lane = threadIdx.x % WARP, side = lane / 16; /* west or east */
    const int warp = __shfl_sync(ALL_LANES, (int)threadIdx.x / WARP, 0); /* the same in all lanes */
    const int block = blockIdx.y * gridDim.x + blockIdx.x;
    const int row = (blockIdx.y * WARPS + warp) * ROWS, column = blockIdx.x * LINE; /* inner */
    const int high = rows + 2 - row, wide = columns + 2 - column; /* what u has, from one before */
    const unsigned time = times[block];
    u += (long long)row * u_pitch + column;
    out += (long long)row * out_pitch + column;

    strip s;
    s.lane = lane;
    s.live_rows = rows - row;
    s.live_items = columns - column - lane * ITEMS;
    s.centre = centre;
    s.r = r;
    s.first = lines + (1 + 2 * warp) * PACKS;
    s.kept = lines + (2 * EDGES + warp * KEPT) * PACKS;
    s.ends = reinterpret_cast<ITEM *>(lines + (2 * EDGES + WARPS * KEPT) * PACKS) +
             (2 * warp + side) * ROWS;
    s.beside = s.ends + 2 * WARPS * ROWS;
    s.words = reinterpret_cast<word *>(words);
    s.joined = side ? blockIdx.x + 1 < gridDim.x : blockIdx.x > 0;
    s.joined_above = warp == 0 && blockIdx.y > 0;
    s.joined_below = warp == WARPS - 1 && blockIdx.y + 1 < gridDim.y;
    const int west = 2 * LINE + warp * ROWS + lane % 16, east = west + WARPS * ROWS;
    s.outbox = block * AREA + (side ? east : west);
    s.inbox = side ? (block + 1) * AREA + west : (block - 1) * AREA + east;
    s.outbox_above = block * AREA + lane;
    s.outbox_below = s.outbox_above + LINE;
    s.inbox_above = s.outbox_below - (int)gridDim.x * AREA;
    s.inbox_below = s.outbox_above + (int)gridDim.x * AREA;

    write_part(s.first, lane, load_part(u + u_pitch, lane, 1 < high ? wide : 0));
    write_part(s.first + PACKS, lane, load_part(u + ROWS * u_pitch, lane, ROWS < high ? wide : 0));
    for (int k = 0; k < KEPT; k++)
        write_part(s.kept + k * PACKS, lane,
                   load_part(u + (2 + k) * u_pitch, lane, 2 + k < high ? wide : 0));
    part held[HELD + 1];
#pragma unroll
    for (int k = 0; k < HELD; k++)
        held[1 + k] = load_part(u + (NEAR + k) * u_pitch, lane, NEAR + k < high ? wide : 0);
    if (warp == 0 || warp == WARPS - 1) { /* what lies above and below, for good or at first */
        const int beyond = warp ? ROWS + 1 : 0;
        pack *const line = s.first + (warp ? 2 : -1) * PACKS;
        const part around = load_part(u + beyond * u_pitch, lane, beyond < high ? wide : 0);
        write_part(line, lane, around);
        write_part(line + EDGES * PACKS, lane, around);
    }
    for (int turn = lane % 16; turn < ROWS; turn += 16) { /* and beside */
        const int k = turn == 0 ? 1 : turn == 1 ? ROWS : turn, at = side ? LINE + 1 : 0;
        s.beside[turn] = k < high && at < wide ? __ldg(u + k * u_pitch + at) : 0;
    }
    __syncthreads();

    letter seen[LETTERS(0, NEAR)] = {};
    for (int step = 0; step < steps; step++) {
        take_step<false>(s, held, seen, time + step, step == 0);
        if (++step < steps) {
            take_step<true>(s, held, seen, time + step, false);
        } else {
#pragma unroll
            for (int k = HELD; k > 0; k--)
                held[k] = held[k - 1];
        }
    }

    const pack *const first = s.first + steps % 2 * EDGES * PACKS;
    const int live = columns - column;
    store_part(out + out_pitch, lane, read_part(first, lane), 0 < s.live_rows ? live : 0);
    store_part(out + ROWS * out_pitch, lane, read_part(first + PACKS, lane),
               ROWS - 1 < s.live_rows ? live : 0);
    for (int k = 0; k < KEPT; k++)
        store_part(out + (2 + k) * out_pitch, lane, read_part(s.kept + k * PACKS, lane),
                   1 + k < s.live_rows ? live : 0);
#pragma unroll
    for (int k = 0; k < HELD; k++)
        store_part(out + (NEAR + k) * out_pitch, lane, held[1 + k],
                   1 + KEPT + k < s.live_rows ? live : 0);
    if (threadIdx.x == 0)
        times[block] = time + steps;
}
