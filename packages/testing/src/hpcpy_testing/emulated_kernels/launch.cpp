/* Launch a kernel. The blocks of an ordinary launch live one after another, those of a
   cooperative launch all at once. */
#include <algorithm>
#include <sys/mman.h>

#include "shared_memory.hpp"
#include "watch.hpp"

namespace cuda_on_host {

constexpr unsigned long STACK = 128 << 10; /* bytes of a fiber's; only what is used is there */
constexpr unsigned KEPT = 64;              /* warps whose stacks are kept for the next launch */

static std::vector<Warp *> pool; /* made when first needed */
static void (*kernel)(void **);
static void **arguments;

static void run_thread() {
    kernel(arguments);
    leave();
}

static Warp *make_warp() {
    Warp *warp = new Warp;
    void *stacks = mmap(nullptr, 32 * STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) {
        delete warp;
        return nullptr;
    }
    warp->stacks = static_cast<char *>(stacks);
    for (unsigned number = 0; number < 32; number++) {
        warp->lanes[number].number = number;
        warp->lanes[number].warp = warp;
        make_fiber(warp->lanes[number], warp->stacks + number * STACK, STACK, run_thread);
    }
    return warp;
}

static void discard_pool() {
    for (Warp *warp : pool) {
        munmap(warp->stacks, 32 * STACK);
        delete warp;
    }
    pool.clear();
}

static uint3 unravel(unsigned long number, uint3 size) {
    const unsigned long rows = number / size.x;
    return {unsigned(number % size.x), unsigned(rows % size.y), unsigned(rows / size.y)};
}

/* Let a block's threads stand before the kernel, on warps from `first` on. */
static bool prepare(LiveBlock &block, unsigned long number, unsigned long first, char *shared) {
    const unsigned threads = block_size.x * block_size.y * block_size.z;
    block.index = unravel(number, grid);
    block.shared = shared;
    block.warps.clear();
    for (unsigned thread = 0; thread < threads; thread += 32) {
        const unsigned long place = first + thread / 32;
        while (pool.size() <= place) {
            Warp *made = make_warp();
            if (!made) {
                blame("there is no memory for the stacks of so many threads");
                return false;
            }
            pool.push_back(made);
        }
        Warp &warp = *pool[place];
        const unsigned lanes = std::min(32u, threads - thread);
        warp.block = &block;
        warp.present = warp.ready = lanes == 32 ? ~0u : (1u << lanes) - 1;
        warp.paused = warp.gathering = warp.at_barrier = warp.left = 0;
        for (unsigned lane = 0; lane < lanes; lane++)
            warp.lanes[lane].index = unravel(thread + lane, block_size);
        block.warps.push_back(&warp);
    }
    return true;
}

const char *launch(void (*function)(void **), void **values, const unsigned (&blocks)[3],
                   const unsigned (&threads)[3], unsigned long shared, int cooperative,
                   uint64_t seed) {
    kernel = function;
    arguments = values;
    grid = {blocks[0], blocks[1], blocks[2]};
    block_size = {threads[0], threads[1], threads[2]};
    current = &scheduler;
    message[0] = 0;
    random_state = seed * 0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d;
    if (!random_state)
        random_state = 1;

    const unsigned long count = 1ul * grid.x * grid.y * grid.z;
    const unsigned long together = cooperative ? count : 1;
    const unsigned long warps = (1ul * block_size.x * block_size.y * block_size.z + 31) / 32;
    std::vector<unsigned long> order(count);
    for (unsigned long n = 0; n < count; n++) {
        order[n] = n;
        std::swap(order[n], order[draw() % (n + 1)]);
    }
    const Watch watch;
    SharedMemory memory(shared, together);
    std::vector<LiveBlock> alive(together);
    for (unsigned long done = 0; done < count && !message[0]; done += together) {
        std::vector<Warp *> all;
        for (unsigned long n = 0; n < together; n++) {
            if (!prepare(alive[n], order[done + n], n * warps, memory.of(n)))
                return message;
            all.insert(all.end(), alive[n].warps.begin(), alive[n].warps.end());
        }
        run_warps(std::move(all));
        memory.check(together);
        memory.forget();
    }
    if (message[0] || pool.size() > KEPT) /* fibers may stand in the middle of a kernel */
        discard_pool();
    return message;
}

}
