/* Several arrays reduced into one, item by item, and written to one place or to several, in one
   pass over device memory.

   What is compiled is told by macros, since their values decide how many registers are needed:

       ITEM         a dtype of NumPy: int8 to uint64, float16 to float64, complex64, complex128
       OPERATION    sum, prod, min or max
       INPUTS       how many arrays are read, in this order: item by item ((a + b) + c) + d
       OUTPUTS      how many places are written; each may be one of the inputs

   Each thread reads the same 16 bytes of every input before it writes any of them, so an array
   may be reduced in place. A NaN is kept by min and max, as NumPy does. float16 is combined
   in float32, and rounded once.

   ci/compile_kernels.py compiles these:
   variants: ITEM=int8,int16,int32,int64,uint8,uint16,uint32,uint64 OPERATION=sum,prod,min,max
   variants: ITEM=float16,float32,float64 OPERATION=sum,prod,min,max
   variants: ITEM=complex64,complex128 OPERATION=sum,prod
   variants: ITEM=int8,float16,float64,complex64 OPERATION=prod INPUTS=1,3,16 OUTPUTS=1,16 */

#ifndef ITEM
#define ITEM float32
#endif
#ifndef OPERATION
#define OPERATION sum
#endif
#ifndef INPUTS
#define INPUTS 2
#endif
#ifndef OUTPUTS
#define OUTPUTS 2
#endif

typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;
struct float16 { unsigned short bits; };
struct complex64 { float re, im; };
struct complex128 { double re, im; };

/* What an item is while it is combined: itself, but for float16. */
template <typename T> struct of {
    typedef T wide;
    static __device__ wide widen(T item) { return item; }
    static __device__ T narrow(wide item) { return item; }
};
template <> struct of<float16> {
    typedef float wide;
    static __device__ wide widen(float16 item) {
        wide widened;
        asm("cvt.f32.f16 %0, %1;" : "=f"(widened) : "h"(item.bits));
        return widened;
    }
    static __device__ float16 narrow(wide item) {
        float16 narrowed;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(narrowed.bits) : "f"(item));
        return narrowed;
    }
};

/* CUDA's own min and max drop a NaN. */
template <typename T> __device__ T combine_sum(T a, T b) { return a + b; }
template <typename T> __device__ T combine_prod(T a, T b) { return a * b; }
template <typename T> __device__ T combine_min(T a, T b) { return b < a || b != b ? b : a; }
template <typename T> __device__ T combine_max(T a, T b) { return b > a || b != b ? b : a; }
#define COMPLEX(type)                                                                        \
    __device__ type combine_sum(type a, type b) { return {a.re + b.re, a.im + b.im}; }       \
    __device__ type combine_prod(type a, type b) {                                           \
        return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};                       \
    }
#define NAMED(operation) combine_##operation
#define COMBINE(operation) NAMED(operation)
COMPLEX(complex64)
COMPLEX(complex128)

/* Addresses, given to the kernel by value. */
struct inputs { const void *at[INPUTS]; };
struct outputs { void *at[OUTPUTS]; };

/* As many bytes as a thread reads at once, whatever is in them. */
union pack {
    uint4 whole;
    ITEM item[sizeof(uint4) / sizeof(ITEM)];
    __device__ pack() {}
};

__device__ ITEM reduce(const ITEM (&items)[INPUTS]) {
    of<ITEM>::wide reduced = of<ITEM>::widen(items[0]);
#pragma unroll
    for (int i = 1; i < INPUTS; i++)
        reduced = COMBINE(OPERATION)(reduced, of<ITEM>::widen(items[i]));
    return of<ITEM>::narrow(reduced);
}

/* Reduce `count` items, of which the first `packs` packs are read and written as such: as many as
   there are if all addresses are multiples of 16, else 0. */
extern "C" __global__ void __launch_bounds__(256)
reduce_many(inputs from, outputs to, uint64 count, uint64 packs) {
    const int each = sizeof(pack) / sizeof(ITEM);
    const uint64 step = (uint64)gridDim.x * blockDim.x;
    const uint64 thread = (uint64)blockIdx.x * blockDim.x + threadIdx.x;
    for (uint64 p = thread; p < packs; p += step) {
        pack read[INPUTS], reduced;
#pragma unroll
        for (int i = 0; i < INPUTS; i++)
            read[i].whole = static_cast<const uint4 *>(from.at[i])[p];
#pragma unroll
        for (int k = 0; k < each; k++) {
            ITEM items[INPUTS];
#pragma unroll
            for (int i = 0; i < INPUTS; i++)
                items[i] = read[i].item[k];
            reduced.item[k] = reduce(items);
        }
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++)
            static_cast<uint4 *>(to.at[o])[p] = reduced.whole;
    }
    for (uint64 n = packs * each + thread; n < count; n += step) {
        ITEM items[INPUTS];
#pragma unroll
        for (int i = 0; i < INPUTS; i++)
            items[i] = static_cast<const ITEM *>(from.at[i])[n];
        const ITEM reduced = reduce(items);
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++)
            static_cast<ITEM *>(to.at[o])[n] = reduced;
    }
}
