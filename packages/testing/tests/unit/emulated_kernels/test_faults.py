"""What goes wrong on a GPU is found here: each fault, and beside it what is right."""

import numpy as np
import pytest

from hpcpy_testing.emulated_kernels import KernelError

SEEDS = range(6)


def results(kernel, out, *sizes, **options):
    """Return the different bits that a kernel gives, one for each order of its threads."""
    found = set()
    for seed in SEEDS:
        out.fill(0)
        kernel(*sizes, (out,), seed=seed, **options)
        found.add(out.tobytes())
    return found


@pytest.mark.parametrize(("barrier", "right"), [("__syncthreads()", True), ("", False)])
def test_a_missing_barrier_makes_results_differ(kernel, zeros, barrier, right):
    turn = kernel(
        f"""turn(int *out) {{
            DYNAMIC_SHARED(int, s);
            s[threadIdx.x] = threadIdx.x;
            {barrier};
            out[threadIdx.x] = s[(threadIdx.x + 40) % 96];
        }}"""
    )
    found = results(turn, zeros(96, np.int32), (1,), (96,), shared_mem=384)
    assert (len(found) == 1) is right


@pytest.mark.parametrize(("wait", "right"), [("__syncwarp()", True), ("", False)])
def test_lanes_that_do_not_wait_for_each_other_make_results_differ(kernel, zeros, wait, right):
    turn = kernel(
        f"""turn(int *out) {{
            DYNAMIC_SHARED(int, s);
            s[threadIdx.x] = threadIdx.x;
            {wait};
            out[threadIdx.x] = s[31 - threadIdx.x];
        }}"""
    )
    found = results(turn, zeros(32, np.int32), (1,), (32,), shared_mem=128)
    assert (len(found) == 1) is right


def test_blocks_that_write_to_one_place_make_results_differ(kernel, zeros):
    last = kernel("last(int *out) { out[0] = blockIdx.x; }")
    assert len(results(last, zeros(1, np.int32), (50,), (1,))) > 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("if (threadIdx.x != 3)\n__syncthreads();", "line 3, and others have left the kernel"),
        ("if (threadIdx.x < 32)\n__syncthreads();\nelse\n__syncthreads();", "of line [35] and at"),
        ("if (threadIdx.x > 3)\nreturn;\n__syncthreads();", "line 4, and others have left"),
    ],
)
def test_a_barrier_that_not_all_threads_come_to(kernel, body, message):
    with pytest.raises(KernelError, match=f"diverge: divergent __syncthreads: .*{message}"):
        kernel("diverge() {" + body + "}")((2,), (64,), ())


@pytest.mark.parametrize(
    ("threads", "body", "message"),
    [
        (32, "if (n == 7)\nreturn;\n__shfl_sync(ALL, n, 0);", "line 4 for lane 7, which has left"),
        (48, "\n__shfl_up_sync(ALL, n, 1);", "line 3 for lane 16, which is not there"),
        (32, "if (n < 9)\n__syncthreads();\n__syncwarp();", "for lane 0, which waits at __sync"),
        (32, "if (n % 2)\n__shfl_sync(ALL, n, 0);\nelse\n__shfl_sync(ALL, n, 1);", "same call"),
        (32, "__shfl_up_sync(ALL, n, 1 + n / 31);\n__shfl_sync(0xff, n, 0);", "own mask"),
        (32, "if (n < 8)\n__shfl_sync(0xff, n, 9);", "from lane 9, which is not in the mask"),
    ],
)
def test_a_shuffle_that_not_all_lanes_join(kernel, threads, body, message):
    with pytest.raises(KernelError, match=message):
        kernel("diverge() { const int n = threadIdx.x; " + body + "}")((1,), (threads,), ())


BARRIER = """meet(unsigned *arrived) {
    if (threadIdx.x == 0) {
        atomicAdd(arrived, 1u);
        while (*(volatile unsigned *)arrived < MEMBERS)
            __nanosleep(20);
    }
    __syncthreads();
}"""


def test_blocks_that_wait_for_one_that_does_not_come(kernel, zeros):
    kernel(BARRIER, "-DMEMBERS=3")((3,), (33,), (zeros(1, np.uint32),), cooperative=True)
    with pytest.raises(KernelError, match=r"deadlock: .* __nanosleep"):
        kernel(BARRIER, "-DMEMBERS=4")((3,), (33,), (zeros(1, np.uint32),), cooperative=True)


def test_whoever_is_busy_while_waiting_in_vain_is_found(kernel, zeros):
    wait = kernel(
        """wait(int *flag) {
            while (*(volatile int *)flag == 0) {
                __threadfence();
                __syncwarp();
                __nanosleep(20);
            }
        }"""
    )
    with pytest.raises(KernelError, match="deadlock"):
        wait((1,), (2,), (zeros(1, np.int32),))


def test_blocks_that_wait_for_others_need_a_cooperative_launch(kernel, zeros):
    with pytest.raises(KernelError, match="deadlock"):
        kernel(BARRIER, "-DMEMBERS=3")((3,), (33,), (zeros(1, np.uint32),))


@pytest.mark.parametrize("right", [True, False])
def test_a_flag_that_is_set_before_its_data_makes_results_differ(kernel, zeros, right):
    data, flag = "out[0] = 5;", "*(volatile int *)(out + 1) = 1;"
    first, second = (data, flag) if right else (flag, data)
    publish = kernel(
        f"""publish(int *out) {{
            if (blockIdx.x == 0) {{
                {first}
                __threadfence();
                {second}
            }} else {{
                while (*(volatile int *)(out + 1) == 0)
                    __nanosleep(20);
                out[2] = __ldcg(out);
            }}
        }}"""
    )
    found = set()
    for seed in range(40):
        out = zeros(3, np.int32)
        publish((2,), (1,), (out,), cooperative=True, seed=seed)
        found.add(out.tolist()[2])
    assert found == ({5} if right else {0, 5})


def test_after_a_fault_the_next_launch_is_as_the_first(kernel, zeros):
    half = kernel("half(int *out) { if (out[0]) return; __syncthreads(); out[0] = 1; }")
    out = zeros(1, np.int32)
    for _ in range(2):
        out.fill(0)
        half((1,), (1024,), (out,))
        with pytest.raises(KernelError):
            kernel("one() { if (threadIdx.x) __syncthreads(); }")((1,), (64,), ())


@pytest.mark.parametrize(
    ("index", "message"),
    [("25", "byte 100 of its shared memory, which has 100"), ("-1", "before its shared memory")],
)
def test_writes_outside_of_shared_memory(kernel, index, message):
    write = kernel(f"write() {{ DYNAMIC_SHARED(int, s); s[24] = 1; s[{index}] = 1; }}")
    with pytest.raises(KernelError, match=message):
        write((1,), (1,), (), shared_mem=100)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("n = *reinterpret_cast<float *>(x + 1)", "misaligned address in line 2, in thread"),
        ("n = reinterpret_cast<double2 *>(x + 8)->x", "misaligned address"),
        ("int a[3] = {}; n = a[n + 3]", "index out of the bounds"),
        ("n = 65536; n = n * n", r"overflow of a signed integer \(use long long\)"),
        ("n += 2147483647; n += threadIdx.y + 1 > 0 ? int(blockDim.x) : 0", "overflow"),
        ("n = 1 << (32 + n)", "shift"),
    ],
)
def test_what_has_no_meaning(kernel, zeros, body, message):
    do = kernel(f"do_it(char *x) {{ volatile int m = 0; int n = m; {body}; x[0] = n; }}")
    with pytest.raises(KernelError, match=message):
        do((1,), (1,), (zeros(32, np.int8),))


def test_a_loop_that_waits_and_does_not_sleep(kernel, zeros):
    spin = kernel("spin(int *flag) { while (*(volatile int *)flag == 0); }")
    with pytest.raises(KernelError, match=r"runs for ever: .* must call __nanosleep"):
        spin((1,), (33,), (zeros(1, np.int32),))
    flag = zeros(1, np.int32)
    flag.fill(1)
    spin((1,), (33,), (flag,))
