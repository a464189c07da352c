/* The shared memory of some blocks, each between two zones that must not change. */
#pragma once

#include <algorithm>
#include <vector>

#include "schedule.hpp"

namespace cuda_on_host {

struct SharedMemory {
    static constexpr unsigned long AROUND = 4 << 10; /* bytes of a zone */
    static constexpr unsigned char UNSET = 0xff;      /* a NaN, if the item is a float */

    unsigned long bytes, step;
    std::vector<char> memory;
    char *first;

    SharedMemory(unsigned long wanted, unsigned long blocks)
        : bytes(wanted), step((wanted + 127) / 128 * 128 + AROUND),
          memory(blocks * step + AROUND + 128, char(UNSET)) {
        const auto address = reinterpret_cast<uintptr_t>(memory.data()) + AROUND;
        first = reinterpret_cast<char *>((address + 127) / 128 * 128);
    }
    char *of(unsigned long block) { return first + block * step; }
    void forget() { std::fill_n(first, memory.data() + memory.size() - first, char(UNSET)); }

    void check(unsigned long blocks) {
        for (unsigned long block = 0; block < blocks; block++) {
            const char *const begin = of(block), *const end = begin + bytes;
            if (find_write(begin - AROUND, begin))
                blame("a block writes before its shared memory");
            if (const char *found = find_write(end, of(block + 1)))
                blame("a block writes to byte %ld of its shared memory, which has %lu",
                      long(found - begin), bytes);
        }
    }

    static const char *find_write(const char *from, const char *to) {
        if (*from == char(UNSET) && memcmp(from, from + 1, to - from - 1) == 0)
            return nullptr; /* nearly always, and fast */
        return std::find_if(from, to, [](char byte) { return byte != char(UNSET); });
    }
};

}
