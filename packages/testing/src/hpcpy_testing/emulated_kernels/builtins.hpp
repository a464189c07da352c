/* CUDA's built-in variables and functions. */
#pragma once

#include "threads.hpp"

#define threadIdx (cuda_on_host::self().index)
#define blockIdx (cuda_on_host::self().warp->block->index)
#define blockDim (cuda_on_host::block_size)
#define gridDim (cuda_on_host::grid)
#define DYNAMIC_SHARED(type, name)                                                           \
    type *const name = reinterpret_cast<type *>(cuda_on_host::self().warp->block->shared)

/* Macros, so that a message can name the line. */
#define __syncthreads() cuda_on_host::wait_at_barrier(__LINE__)
#define __syncwarp(...) cuda_on_host::sync_warp(__LINE__ __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(mask, value, source)                                                     \
    cuda_on_host::shuffle({"__shfl_sync", __LINE__, mask}, value, source)
#define __shfl_up_sync(mask, value, delta)                                                   \
    cuda_on_host::shuffle_up({"__shfl_up_sync", __LINE__, mask}, value, delta)
#define __shfl_down_sync(mask, value, delta)                                                 \
    cuda_on_host::shuffle_down({"__shfl_down_sync", __LINE__, mask}, value, delta)
#define __all_sync(mask, predicate)                                                          \
    cuda_on_host::vote_all({"__all_sync", __LINE__, mask}, predicate)

namespace cuda_on_host {

inline int vote_all(const Call &call, bool predicate) { return meet(call, predicate, ALL) != 0; }

inline void sync_warp(int line, unsigned mask = 0xffffffff) {
    /* Without a mask: the lanes that there are, as on a GPU. */
    meet({"__syncwarp", line, mask & self().warp->present}, 0, self().number);
}

template <typename T> T shuffle(const Call &call, T value, unsigned source) {
    static_assert(sizeof value <= 8, "a shuffle moves at most 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = meet(call, bits, source % 32);
    memcpy(&value, &bits, sizeof value);
    return value;
}

template <typename T> T shuffle_up(const Call &call, T value, unsigned delta) {
    const unsigned lane = self().number;
    return shuffle(call, value, lane < delta ? lane : lane - delta);
}

template <typename T> T shuffle_down(const Call &call, T value, unsigned delta) {
    const unsigned lane = self().number;
    return shuffle(call, value, lane + delta > 31 ? lane : lane + delta);
}

/* A parameter that is converted to the type of another. */
template <typename T> struct Same { using type = T; };
template <typename T> using same = typename Same<T>::type;

}

inline void __nanosleep(unsigned) { cuda_on_host::pause(); }

inline void __threadfence() {
    asm volatile("" ::: "memory");
    cuda_on_host::maybe_pause();
}

template <typename T> T __ldg(const T *address) { return *address; }
template <typename T> T __ldcg(const T *address) {
    asm volatile("" ::: "memory");
    return *address;
}
template <typename T> void __stcg(T *address, cuda_on_host::same<T> value) {
    *address = value;
    asm volatile("" ::: "memory");
    cuda_on_host::maybe_pause();
}

template <typename T> T atomicAdd(T *address, cuda_on_host::same<T> value) {
    asm volatile("" ::: "memory");
    const T before = *address;
    *address = before + value;
    asm volatile("" ::: "memory");
    if (value)
        cuda_on_host::maybe_pause();
    return before;
}
