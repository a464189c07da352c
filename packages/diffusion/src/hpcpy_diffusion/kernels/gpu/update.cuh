/* What all kernels of diffusion share: the item, the formula, packs of 16 bytes, warps.

       ITEM    float32 or float64

   It includes nothing, and a host compiler can read it, given what of CUDA is used here. */

#ifndef ITEM
#define ITEM float64
#endif
#ifndef DYNAMIC_SHARED /* memory that a block's threads share, as many bytes as a launch says */
#define DYNAMIC_SHARED(type, name) extern __shared__ __align__(16) type name[]
#endif
#define WARP 32
#define ALL_LANES 0xffffffffu

typedef float float32;
typedef double float64;

template <typename T> struct wide_of;
template <> struct wide_of<float32> { typedef float4 type; };
template <> struct wide_of<float64> { typedef double2 type; };

/* As many items as a thread reads or writes at once: 4 of float32, 2 of float64. */
#define PACK ((int)(16 / sizeof(ITEM)))
union pack {
    wide_of<ITEM>::type whole;
    ITEM item[16 / sizeof(ITEM)];
    __device__ pack() {}
};

/* The address must be a multiple of 16. What a kernel is given to read nobody writes meanwhile. */
inline __device__ pack load_pack(const ITEM *from) {
    pack loaded;
    loaded.whole = __ldg(reinterpret_cast<const wide_of<ITEM>::type *>(from));
    return loaded;
}
inline __device__ void store_pack(ITEM *to, const pack &stored) {
    *reinterpret_cast<wide_of<ITEM>::type *>(to) = stored.whole;
}

/* One item after a time step; `centre` is 1 - 4 r as the host has rounded it. The order is that of
   all kernels of the ladder, which must not be contracted: -fmad=false. */
inline __device__ ITEM update(ITEM north, ITEM south, ITEM west, ITEM east, ITEM here, ITEM centre,
                              ITEM r) {
    return centre * here + r * ((north + south) + (west + east));
}

/* The item of the lane to the left, or to the right; the first, or last, lane gets its own. */
inline __device__ ITEM from_left(ITEM item) { return __shfl_up_sync(ALL_LANES, item, 1); }
inline __device__ ITEM from_right(ITEM item) { return __shfl_down_sync(ALL_LANES, item, 1); }
