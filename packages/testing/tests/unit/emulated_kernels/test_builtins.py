"""What a kernel is told, and what its built-in functions do."""

import numpy as np
import pytest

SIZES = (
    *("threadIdx.x", "threadIdx.y", "threadIdx.z", "blockIdx.x", "blockIdx.y", "blockIdx.z"),
    *("blockDim.x", "blockDim.y", "blockDim.z", "gridDim.x", "gridDim.y", "gridDim.z"),
)


def test_a_thread_knows_its_place(kernel, zeros):
    store = "; ".join(f"mine[{n}] = {size}" for n, size in enumerate(SIZES))
    tell = kernel(
        f"""tell(unsigned *out) {{
            const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
            const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
            unsigned *mine = out + 12 * (block * blockDim.x * blockDim.y * blockDim.z + thread);
            {store};
        }}"""
    )
    grid, block = (2, 1, 3), (3, 5, 2)
    told = zeros((6 * 30, 12), np.uint32)
    tell(grid, block, (told,))
    places = [
        [x, y, z, bx, by, bz, *block, *grid]
        for bz in range(3)
        for by in range(1)
        for bx in range(2)
        for z in range(2)
        for y in range(5)
        for x in range(3)
    ]
    assert told.tolist() == places


@pytest.mark.parametrize("item", ["double", "float", "int", "unsigned", "long long"])
def test_shuffles_move_items_of_every_type(kernel, zeros, item):
    move = kernel(
        f"""move({item} *out) {{
            const {item} own = 100 + threadIdx.x;
            out[threadIdx.x] = __shfl_up_sync(ALL, own, 3);
            out[64 + threadIdx.x] = __shfl_down_sync(ALL, own, 1);
            out[128 + threadIdx.x] = __shfl_sync(ALL, own, 5);
            out[192 + threadIdx.x] = __shfl_sync(ALL, own, 33 + threadIdx.x);
        }}"""
    )
    dtypes = {"double": "f8", "float": "f4", "int": "i4", "unsigned": "u4", "long long": "i8"}
    out = zeros((4, 2, 32), dtypes[item])
    move((1,), (64,), (out,))
    lanes = np.arange(32)
    up, down = np.where(lanes < 3, lanes, lanes - 3), np.where(lanes > 30, lanes, lanes + 1)
    expected = np.stack([up, down, np.full(32, 5), (lanes + 1) % 32])
    for warp in range(2):
        assert np.array_equal(out.get()[:, warp], 100 + 32 * warp + expected)


def test_a_vote_tells_whether_all_lanes_agree(kernel, zeros):
    vote = kernel(
        """vote(int *out) {
            out[threadIdx.x] = __all_sync(ALL, threadIdx.x < 64);
            out[96 + threadIdx.x] = __all_sync(ALL, threadIdx.x != 40);
        }"""
    )
    out = zeros((2, 3, 32), np.int32)
    vote((1,), (96,), (out,))
    assert out.get()[:, :, 0].tolist() == [[1, 1, 0], [1, 0, 1]]
    assert (out.get() == out.get()[:, :, :1]).all()


def test_lanes_of_a_mask_need_not_wait_for_the_others(kernel, zeros):
    half = kernel(
        """half(int *out) {
            if (threadIdx.x < 16)
                out[threadIdx.x] = __shfl_sync(0xffff, int(threadIdx.x), 15 - threadIdx.x);
        }"""
    )
    out = zeros(16, np.int32)
    half((1,), (32,), (out,))
    assert out.tolist() == list(range(15, -1, -1))


def test_threads_turn_shared_memory_over(kernel, zeros):
    turn = kernel(
        """turn(double *field) {
            DYNAMIC_SHARED(double, row);
            row[threadIdx.x] = field[blockIdx.x * blockDim.x + threadIdx.x];
            __syncthreads();
            field[blockIdx.x * blockDim.x + threadIdx.x] = row[blockDim.x - 1 - threadIdx.x];
        }"""
    )
    field = zeros((3, 100))
    field.set(np.random.default_rng(1).random((3, 100)))
    expected = field.get()[:, ::-1]
    for seed in range(3):
        turn((3,), (100,), (field,), shared_mem=800, seed=seed)
        assert np.array_equal(field.get(), expected)
        expected = expected[:, ::-1]


def test_shared_memory_is_not_a_number_until_it_is_written(kernel, zeros):
    read = kernel(
        """read(float *out) {
            DYNAMIC_SHARED(float, s);
            out[blockIdx.x * 3 + threadIdx.x] = s[threadIdx.x];
            s[threadIdx.x] = 1;
        }"""
    )
    out = zeros(6, np.float32)
    read((2,), (3,), (out,), shared_mem=12)
    assert np.isnan(out.get()).all()


def test_vectors_are_as_aligned_as_on_a_gpu(kernel, zeros):
    add = kernel(
        """add(const double *u, const float *v, double *out) {
            const double2 a = reinterpret_cast<const double2 *>(u)[threadIdx.x];
            const float4 b = reinterpret_cast<const float4 *>(v)[threadIdx.x];
            const double2 sum = make_double2(a.x + b.x, a.y + b.w);
            static_assert(alignof(double2) == 16 && alignof(float2) == 8 && sizeof(float4) == 16);
            reinterpret_cast<double2 *>(out)[threadIdx.x] = sum;
        }"""
    )
    u, v, out = zeros((4, 2)), zeros((4, 4), np.float32), zeros((4, 2))
    u.set(np.arange(8.0).reshape(4, 2))
    v.set(np.arange(16, dtype="f4").reshape(4, 4))
    add((1,), (4,), (u, v, out))
    assert out.tolist() == [[0, 4], [6, 10], [12, 16], [18, 22]]


def test_a_product_and_a_sum_are_rounded_each(kernel, zeros):
    fused = kernel("fused(double *x) { x[0] = x[1] * x[1] - x[2]; }")
    x = zeros(3)
    x.set(np.array([0, 1 + 2**-30, 1 + 2**-29]))
    fused((1,), (1,), (x,))
    assert x.tolist()[0] == 0  # 2**-60 if the product were not rounded


def test_every_addition_to_memory_counts(kernel, zeros):
    count = kernel(
        """count(int *total, unsigned *order) {
            order[atomicAdd(total, 1u)] = blockIdx.x * blockDim.x + threadIdx.x;
        }"""
    )
    total, orders = zeros(1, np.int32), []
    for seed in range(2):
        total.fill(0)
        order = zeros(4 * 70, np.uint32)
        count((4,), (70,), (total, order), seed=seed)
        assert total.tolist() == [280]
        assert sorted(order.tolist()) == list(range(280))
        orders.append(order.tolist())
    assert orders[0] != orders[1] != list(range(280))


def test_blocks_of_a_cooperative_launch_wait_for_each_other(kernel, zeros):
    step = kernel(
        """step(double *field, unsigned *arrived, int steps) {
            for (int k = 0; k < steps; k++) {
                const double east = __ldcg(field + (blockIdx.x + 1) % gridDim.x);
                __syncthreads();
                for (int phase = 0; phase < 2; phase++) {
                    if (threadIdx.x == 0) {
                        __threadfence();
                        atomicAdd(arrived, 1u);
                        while (*(volatile unsigned *)arrived < gridDim.x * (2 * k + phase + 1))
                            __nanosleep(20);
                    }
                    __syncthreads();
                    if (phase == 0 && threadIdx.x == 0)
                        __stcg(field + blockIdx.x, east + 1);
                }
            }
        }"""
    )
    for seed in range(3):
        field, arrived = zeros(7), zeros(1, np.uint32)
        field.set(np.arange(7.0))
        step((7,), (40,), (field, arrived, np.int32(10)), cooperative=True, seed=seed)
        assert field.tolist() == [(n + 10) % 7 + 10 for n in range(7)]


def test_any_warp_and_any_block_may_come_first(kernel, zeros):
    come = kernel(
        """come(int *first) {
            if (atomicAdd(first, 1) == 0)
                first[1] = blockIdx.x * blockDim.x / 32 + threadIdx.x / 32;
        }"""
    )
    for grid, block in [((1,), (256,)), ((8,), (32,))]:
        found = set()
        for seed in range(16):
            first = zeros(2, np.int32)
            come(grid, block, (first,), seed=seed)
            found.add(first.tolist()[1])
        assert len(found) >= 5
