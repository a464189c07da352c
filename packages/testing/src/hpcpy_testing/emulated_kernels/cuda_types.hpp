/* What CUDA C++ has beyond C++: its qualifiers, and vectors as aligned as a GPU wants them. */
#pragma once

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)

struct uint3 { unsigned x, y, z; };

#define VECTOR2(name, item)                                                                  \
    struct alignas(2 * sizeof(item)) name { item x, y; };                                    \
    inline name make_##name(item x, item y) { return {x, y}; }
#define VECTOR4(name, item)                                                                  \
    struct alignas(16) name { item x, y, z, w; };                                            \
    inline name make_##name(item x, item y, item z, item w) { return {x, y, z, w}; }
VECTOR2(int2, int)
VECTOR2(uint2, unsigned)
VECTOR2(float2, float)
VECTOR2(double2, double)
VECTOR2(longlong2, long long)
VECTOR4(int4, int)
VECTOR4(uint4, unsigned)
VECTOR4(float4, float)
#undef VECTOR2
#undef VECTOR4
