/* What the compiler's checks call where a kernel does what C++ or a GPU has no meaning for.

   The data that each gets begins with the place in the source; see the sanitizers' ubsan_handlers.h.
   These stand in for the compiler's own library, which would print and go on. */
#include "threads.hpp"

namespace cuda_on_host {

struct Place {
    const char *file;
    uint32_t line, column;
};

inline void fail_at(const Place *place, const char *what) {
    const uint3 thread = self().index, block = self().warp->block->index;
    fail("%s in line %u, in thread (%u, %u, %u) of block (%u, %u, %u)", what, place->line,
         thread.x, thread.y, thread.z, block.x, block.y, block.z);
}

}

#define HANDLER(name, what, ...)                                                             \
    extern "C" void __ubsan_handle_##name(                                                   \
        cuda_on_host::Place *place __VA_OPT__(, ) __VA_ARGS__) {                             \
        cuda_on_host::fail_at(place, what);                                                  \
    }
HANDLER(type_mismatch_v1, "misaligned address", void *)
HANDLER(out_of_bounds, "index out of the bounds of an array", void *)
HANDLER(add_overflow, "overflow of a signed integer (use long long)", void *, void *)
HANDLER(sub_overflow, "overflow of a signed integer (use long long)", void *, void *)
HANDLER(mul_overflow, "overflow of a signed integer (use long long)", void *, void *)
HANDLER(negate_overflow, "overflow of a signed integer", void *)
HANDLER(shift_out_of_bounds, "shift by more bits than there are", void *, void *)
#undef HANDLER
