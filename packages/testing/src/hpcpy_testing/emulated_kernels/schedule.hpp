/* What the threads and the scheduler have in common. */
#pragma once

#include <vector>

#include "threads.hpp"

namespace cuda_on_host {

struct LiveBlock : Block {
    std::vector<Warp *> warps;
};

extern Fiber scheduler;
extern uint64_t events;     /* grows whenever something happens that may be progress */
extern uint64_t milestones; /* and whenever a thread leaves, or a block passes a barrier */
extern uint64_t random_state;
extern char message[1000]; /* what is wrong; empty if nothing is */

uint64_t draw(); /* a random number */

/* Say what is wrong, once. */
[[gnu::format(printf, 1, 2)]] void blame(const char *format, ...);

/* Run these warps, which are all of some blocks, to their ends. */
void run_warps(std::vector<Warp *> warps);

}
