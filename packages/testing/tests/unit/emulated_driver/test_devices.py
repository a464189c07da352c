"""How many devices there are is asked once in a process, so each case is a process."""

import pytest

UNINITIALISED = """
from hpcpy_testing.emulated_driver.build import build_driver
library = ctypes.CDLL(str(build_driver() / "libcuda.so.1"))
number = ctypes.c_int(-1)
"""


@pytest.mark.parametrize(("devices", "code"), [("0", 100), ("broken", 999), ("2", 0)])
def test_what_the_driver_says_when_it_is_initialised(run_child, devices, code):
    done = run_child(UNINITIALISED + "print(library.cuInit(0))", HPCPY_EMULATED_GPUS=devices)
    assert done.stdout == f"{code}\n", done.stderr


def test_without_a_device_loading_it_says_so(run_child):
    done = run_child("load_driver()", HPCPY_EMULATED_GPUS="0")
    assert "cuInit: CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)" in done.stderr


@pytest.mark.parametrize(
    "call",
    [
        "library.cuDeviceGetCount(ctypes.byref(number))",
        "library.cuPointerGetAttribute(ctypes.byref(number), 2, ctypes.c_void_p(8))",
        "library.cuMemAlloc_v2(ctypes.byref(number), ctypes.c_size_t(8))",
    ],
)
def test_nothing_works_before_it_is_initialised(run_child, call):
    assert run_child(f"{UNINITIALISED}print({call})").stdout == "3\n"


def test_two_devices(run_child):
    done = run_child(
        """
driver = load_driver()
def ask(entry, *arguments):
    answer = ctypes.c_int(-1)
    driver.call(entry, ctypes.byref(answer), *arguments)
    return answer.value
print(ask("cuDeviceGetCount"), [ask("cuDeviceGet", i) for i in (0, 1)])
print([ask("cuDeviceGetAttribute", 33, i) for i in (0, 1)], ask("cuDeviceCanAccessPeer", 0, 1))
name = ctypes.create_string_buffer(32)
for i in (0, 1):
    driver.call("cuDeviceGetName", name, 32, i)
    print(name.value.decode())
    array = DeviceArray.from_host(np.full(3, i), device=i)
    print(array.get(), ask("cuPointerGetAttribute", 9, ctypes.c_uint64(array.address)))
for entry, number in {"cuDeviceGet": 2, "cuDevicePrimaryCtxRetain": -1}.items():
    try:
        ask(entry, number)
    except CudaError as error:
        print(error)
""",
        HPCPY_EMULATED_GPUS="2",
    )
    assert done.stdout.splitlines() == [
        "2 [0, 1]",
        "[1, 2] 1",
        "Emulated GPU 0",
        "[0 0 0] 0",
        "Emulated GPU 1",
        "[1 1 1] 1",
        "cuDeviceGet: CUDA_ERROR_INVALID_DEVICE (invalid device ordinal)",
        "cuDevicePrimaryCtxRetain: CUDA_ERROR_INVALID_DEVICE (invalid device ordinal)",
    ], done.stderr


VISIBLE = """
number = ctypes.c_int(0)
try:
    driver = load_driver()
    driver.call("cuDeviceGetCount", ctypes.byref(number))
except CudaError as error:
    print(error.name)
name = ctypes.create_string_buffer(32)
uuid = (ctypes.c_ubyte * 16)()
for i in range(number.value):
    bus = ctypes.c_int()
    driver.call("cuDeviceGetName", name, 32, i)
    driver.call("cuDeviceGetUuid_v2", uuid, i)
    driver.call("cuDeviceGetAttribute", ctypes.byref(bus), 33, i)
    print(name.value.decode(), bytes(uuid).hex()[:4], bus.value)
"""


@pytest.mark.parametrize(
    ("visible", "numbers"),
    [
        ("0,1,2", [0, 1, 2]),
        ("2, 0", [2, 0]),
        ("1", [1]),
        ("1,3,0", [1]),
        ("GPU-e2e2e2e2-e2e2-e2e2-e2e2-e2e2e2e2e2e2,GPU-e0", [2, 0]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1,1,0", [1]),
    ],
)
def test_what_cuda_visible_devices_leaves(run_child, visible, numbers):
    done = run_child(VISIBLE, HPCPY_EMULATED_GPUS="3", CUDA_VISIBLE_DEVICES=visible)
    expected = [f"Emulated GPU {i} {2 * f'e{i}'} {i + 1}" for i in numbers]
    assert done.stdout.splitlines() == (expected or ["CUDA_ERROR_NO_DEVICE"]), done.stderr


@pytest.mark.parametrize(("given", "version"), [(None, 13000), ("12080", 12080)])
def test_which_cuda_the_driver_runs(run_child, given, version):
    environment = {} if given is None else {"HPCPY_EMULATED_CUDA": given}
    done = run_child(
        UNINITIALISED + "library.cuDriverGetVersion(ctypes.byref(number)); print(number.value)",
        **environment,
    )
    assert done.stdout == f"{version}\n", done.stderr


def test_a_forked_child_cannot_use_it(run_child):
    done = run_child(
        """
driver = load_driver()
if child := os.fork():
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
else:
    number = ctypes.c_int()
    os._exit(10 * driver.try_call("cuInit", 0)
             + driver.try_call("cuDeviceGetCount", ctypes.byref(number)))
"""
    )
    assert done.stdout == "33\n", done.stderr
