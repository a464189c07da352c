import ctypes

import pytest

from hpcpy_testing.emulated_driver.build import build_driver

NEEDED = {
    "Open MPI's configure": "cuMemFree",
    "Open MPI": "cuMemGetAccess cuMemPoolGetAccess cuMemRetainAllocationHandle cuMemRelease "
    "cuMemGetAllocationPropertiesFromHandle cuIpcGetEventHandle cuIpcOpenEventHandle "
    "cuMemHostRegister_v2 cuPointerGetAttributes cuDeviceGetPCIBusId cuEventRecord",
    "UCX": "cuGetProcAddress_v2 cuMemCreate cuMemMap cuMemPoolImportPointer cuStreamAddCallback "
    "cuMemRangeGetAttribute cuIpcOpenMemHandle_v2 cuCtxGetId cuMemAllocManaged",
}


@pytest.fixture(scope="module")
def library():
    return ctypes.CDLL(str(build_driver() / "libcuda.so.1"))


def address(function):
    return ctypes.cast(function, ctypes.c_void_p).value


@pytest.mark.parametrize("user", NEEDED)
def test_what_libraries_are_linked_to_is_there(library, user):
    assert [name for name in NEEDED[user].split() if not hasattr(library, name)] == []


@pytest.mark.parametrize(("name", "found"), [("cuMemAlloc", "cuMemAlloc_v2"), ("cuInit", "cuInit")])
def test_an_entry_is_found_in_its_newest_form(library, name, found):
    entry, status = ctypes.c_void_p(), ctypes.c_int(-1)
    asked = (name.encode(), ctypes.byref(entry), 13000, ctypes.c_uint64(0))
    assert library.cuGetProcAddress_v2(*asked, ctypes.byref(status)) == 0
    assert (entry.value, status.value) == (address(getattr(library, found)), 0)
    entry.value = None
    assert library.cuGetProcAddress(*asked) == 0
    assert entry.value == address(getattr(library, found))


@pytest.mark.parametrize("name", ["cuTimeTravel", "printf"])
def test_an_entry_that_is_not_there(library, name):
    entry, status = ctypes.c_void_p(1), ctypes.c_int(-1)
    asked = (name.encode(), ctypes.byref(entry), 13000, ctypes.c_uint64(0))
    assert library.cuGetProcAddress_v2(*asked, ctypes.byref(status)) == 500
    assert (entry.value, status.value) == (None, 1)


def test_what_is_not_supported_says_so(library):
    assert library.cuMemAllocManaged() == 801


def test_errors_have_names(library):
    text = ctypes.c_char_p()
    assert library.cuGetErrorName(2, ctypes.byref(text)) == 0
    assert text.value == b"CUDA_ERROR_OUT_OF_MEMORY"
    assert library.cuGetErrorString(2, ctypes.byref(text)) == 0
    assert text.value == b"out of memory"
    assert library.cuGetErrorName(-5, ctypes.byref(text)) == 1
    assert text.value is None
