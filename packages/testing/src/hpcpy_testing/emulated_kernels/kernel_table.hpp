/* What Python is told of a kernel: its parameters, and how many threads it was compiled for. */
#pragma once

#include <cstdio>
#include <type_traits>
#include <utility>

#include "threads.hpp"

namespace cuda_on_host {

/* A letter of NumPy's and the bytes: i4, u8, f8, b1, V24 a struct; a pointer is a P and what it
   points to, Pv0 if that is unknown. */
template <typename T> constexpr char letter() {
    return std::is_void_v<T> ? 'v' : std::is_same_v<T, bool> ? 'b'
           : std::is_floating_point_v<T> ? 'f' : !std::is_integral_v<T> ? 'V'
           : std::is_signed_v<T> ? 'i' : 'u';
}

template <typename T> constexpr int bytes() {
    if constexpr (std::is_void_v<T>)
        return 0;
    else
        return sizeof(T);
}

template <typename T> int describe(char *text, int room) {
    using Item = std::remove_cv_t<std::remove_pointer_t<T>>;
    const char *const pointer = std::is_pointer_v<T> ? "P" : "";
    return snprintf(text, room, "%s%c%d ", pointer, letter<Item>(), bytes<Item>());
}

template <typename... T> const char *describe_all(void (*)(T...)) {
    static char text[16 * sizeof...(T) + 1];
    int at = 0;
    ((at += describe<T>(text + at, int(sizeof text) - at)), ...);
    return text;
}

template <typename... T, size_t... N>
void call(void (*function)(T...), void **values, std::index_sequence<N...>) {
    function(*static_cast<std::remove_reference_t<T> *>(values[N])...);
}

template <typename... T> void call(void (*function)(T...), void **values) {
    call(function, values, std::index_sequence_for<T...>());
}

constexpr int first(int threads = 1024, int = 0, int = 0) { return threads; }

}

/* The entries of a kernel; `bounds` are those of its __launch_bounds__, in parentheses. */
#define HOST_ENTRY extern "C" [[gnu::visibility("default")]]
#define HOST_KERNEL(name, bounds)                                                            \
    HOST_ENTRY const char *name##_parameters() { return cuda_on_host::describe_all(name); }  \
    HOST_ENTRY int name##_threads() { return cuda_on_host::first bounds; }                   \
    HOST_ENTRY const char *name##_launch(void **values, const unsigned *blocks,              \
                                         const unsigned *threads, unsigned long shared,      \
                                         int cooperative, unsigned long seed) {              \
        return cuda_on_host::launch([](void **each) { cuda_on_host::call(name, each); },     \
                                    values, {blocks[0], blocks[1], blocks[2]},               \
                                    {threads[0], threads[1], threads[2]}, shared,            \
                                    cooperative, seed);                                      \
    }
