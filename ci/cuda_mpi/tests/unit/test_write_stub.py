import ctypes

import pytest

from write_stub import list_names, write_stub

HEADER = """
#define cuMemFree                           cuMemFree_v2
#define cuMemcpyHtoD                        __CUDA_API_PTDS(cuMemcpyHtoD_v2)
typedef enum cudaError_enum { CUDA_SUCCESS = 0 } CUresult;
CUresult CUDAAPI cuInit(unsigned int Flags);
CUresult CUDAAPI cuMemFree(CUdeviceptr dptr);
CUresult CUDAAPI cuGetErrorString(CUresult error, const char **pStr);
"""


@pytest.fixture
def header(tmp_path):
    path = tmp_path / "cuda.h"
    path.write_text(HEADER)
    return path


def test_every_name_under_which_a_function_is_called_is_there(header):
    assert list_names(header) == ["cuMemFree", "cuMemFree_v2", "cuMemcpyHtoD_v2"]


def test_the_library_finds_no_device_and_can_say_so(header, tmp_path):
    write_stub(header, tmp_path / "stub", tmp_path / "log")
    driver = ctypes.CDLL(str(tmp_path / "stub" / "libcuda.so"))
    assert driver.cuInit(0) == 100
    assert driver.cuMemFree_v2(None) == 3
    text = ctypes.c_char_p()
    assert driver.cuGetErrorString(100, ctypes.byref(text)) == 0
    assert text.value == b"no CUDA device"
