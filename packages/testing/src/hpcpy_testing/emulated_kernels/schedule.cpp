/* Let the threads of the blocks that are alive run in turns, in an order that is drawn.

   A warp runs until each of its lanes waits, pauses or has left; in each round every warp gets
   its turn, or by chance does not, so that one may be far ahead of another. */
#include <algorithm>

#include "schedule.hpp"

namespace cuda_on_host {

constexpr int PATIENCE = 1000;         /* rounds in which nothing happens */
constexpr int LONG_PATIENCE = 100'000; /* rounds in which none leaves, or passes a barrier */

/* Why a lane does not join another. */
static const char *stand(const Warp &warp, unsigned lane) {
    if (!(warp.present >> lane & 1))
        return "is not there: the block ends before";
    if (warp.left >> lane & 1)
        return "has left the kernel";
    return warp.at_barrier >> lane & 1 ? "waits at __syncthreads" : "makes another call";
}

/* Blame lanes that wait for others, which will not come. */
static void check_gathering(const Warp &warp) {
    if (!warp.gathering || warp.ready || warp.paused)
        return;
    const unsigned waits = __builtin_ctz(warp.gathering);
    const Call &call = warp.lanes[waits].call;
    const unsigned lacks = call.mask & ~warp.gathering;
    const unsigned missing = lacks ? __builtin_ctz(lacks) : waits;
    blame("lane %u of a warp waits in %s(%#x) in line %d for lane %u, which %s", waits, call.name,
          call.mask, call.line, missing, stand(warp, missing));
}

/* Let the threads of a block go on if all of them have come to the same barrier. */
static void check_barrier(const LiveBlock &block) {
    int line = 0;
    bool left = false;
    for (const Warp *warp : block.warps) {
        if ((warp->at_barrier | warp->left) != warp->present)
            return;
        left |= warp->left != 0;
        for (unsigned lanes = warp->at_barrier; lanes; lanes &= lanes - 1) {
            const int here = warp->lanes[__builtin_ctz(lanes)].call.line;
            if (line && here != line)
                return blame("divergent __syncthreads: threads of one block wait at that of line "
                             "%d and at that of line %d", line, here);
            line = here;
        }
    }
    if (!line)
        return;
    if (left)
        return blame("divergent __syncthreads: threads of a block wait at that of line %d, and "
                     "others have left the kernel", line);
    events++;
    milestones++;
    for (Warp *warp : block.warps) {
        warp->ready = warp->present;
        warp->at_barrier = 0;
    }
}

/* Give a warp its turn. */
static void run_warp(Warp &warp) {
    warp.ready |= warp.paused;
    warp.paused = 0;
    warp.stride = draw() % 32 | 1;
    unsigned first = draw() % 32;
    while (!(warp.ready >> first & 1))
        first = (first + 1) % 32;
    warp.ready &= ~(1u << first);
    switch_to(warp.lanes[first]);
    check_gathering(warp);
    check_barrier(*static_cast<LiveBlock *>(warp.block));
}

void run_warps(std::vector<Warp *> warps) {
    int idle = 0, long_idle = 0;
    while (!warps.empty() && !message[0]) {
        const uint64_t before = events, milestones_before = milestones;
        const bool several = warps.size() > 1;
        for (size_t n = warps.size() - 1; n > 0; n--)
            std::swap(warps[n], warps[draw() % (n + 1)]);
        bool can_run = false;
        for (Warp *warp : warps) {
            if (!(warp->ready | warp->paused))
                continue;
            can_run = true;
            if (several && draw() % 4 == 0)
                continue;
            run_warp(*warp);
            if (message[0])
                return;
        }
        const auto ended = [](const Warp *warp) { return warp->left == warp->present; };
        warps.erase(std::remove_if(warps.begin(), warps.end(), ended), warps.end());
        idle = events == before ? idle + 1 : 0;
        long_idle = milestones == milestones_before ? long_idle + 1 : 0;
        if (!warps.empty() && (!can_run || idle > PATIENCE || long_idle > LONG_PATIENCE))
            blame("deadlock: %s", can_run ? "all threads that can run wait in __nanosleep for what "
                  "no other thread writes" : "no thread can run");
    }
}

}
