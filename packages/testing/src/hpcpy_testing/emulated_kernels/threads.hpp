/* The threads of the blocks that are alive: where each stands, and what it waits for. */
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda_types.hpp"
#include "fibers.hpp"

namespace cuda_on_host {

struct Block;
struct Warp;

/* Where a thread waits. */
struct Call {
    const char *name;
    int line;
    unsigned mask; /* the lanes that must come, too */
};

struct Lane : Fiber {
    Warp *warp;
    unsigned number;
    uint3 index; /* threadIdx */
    Call call;
    unsigned source;          /* of a shuffle: the lane whose value is wanted, or ALL */
    uint64_t given, received; /* of a shuffle */
};

/* Each set of lanes is a mask. One that is in none of them but `present` is the one that runs. */
struct Warp {
    Block *block;
    unsigned present, ready, paused, gathering, at_barrier, left;
    unsigned stride; /* odd: the order in which lanes run */
    Lane lanes[32];
    char *stacks;
};

struct Block {
    uint3 index; /* blockIdx */
    char *shared;
};

extern uint3 grid, block_size;

inline Lane &self() { return static_cast<Lane &>(*current); }

/* What a thread calls. Other threads of its block, or other blocks, run before it returns. */
void pause();       /* until they had their turn */
void maybe_pause(); /* one time in eight: wherever memory is ordered */
void wait_at_barrier(int line);
void leave();

/* Meet the lanes of a mask, give a value, and return the value that a lane gave, or, of ALL,
   the bits that all values have. */
constexpr unsigned ALL = 32;
uint64_t meet(const Call &call, uint64_t given, unsigned source);

/* Say what is wrong, and let this thread do nothing any more. */
[[gnu::format(printf, 1, 2)]] void fail(const char *format, ...);

/* Run the threads of all blocks; return what is wrong, an empty string if nothing is. */
const char *launch(void (*function)(void **), void **values, const unsigned (&blocks)[3],
                   const unsigned (&threads)[3], unsigned long shared, int cooperative,
                   uint64_t seed);

}
