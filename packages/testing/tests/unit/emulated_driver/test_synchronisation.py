"""With what mpi4py does in place of mpi4py, which is tried in tests/launches."""

import numpy as np
import pytest

from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised


def send(array):
    _, readonly = array.__cuda_array_interface__["data"]
    assert bool(readonly) is False


@pytest.fixture
def busy(driver):
    array = DeviceArray.zeros(2, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.fill(1))
    return array


def test_an_array_that_is_being_written_is_named_by_the_call(busy):
    def check():
        with check_synchronised():
            send(busy)

    with pytest.raises(AssertionError, match=r"bool\(readonly\): 1 unfinished in a stream"):
        check()


def test_an_array_that_is_being_read_counts_too(driver, busy):
    source = DeviceArray.zeros(2)
    busy.copy_from(source)

    def check():
        with check_synchronised():
            send(source)

    with pytest.raises(AssertionError, match="1 unfinished"):
        check()


def test_after_synchronisation_all_is_well(busy):
    with check_synchronised():
        busy.stream.synchronize()
        send(busy)


def test_another_array_may_be_sent_meanwhile(busy):
    with check_synchronised():
        send(DeviceArray.zeros(2))
        send(DeviceArray.zeros(0))


def test_asking_for_the_interface_is_not_using_it(busy):
    with check_synchronised():
        assert hasattr(busy, "__cuda_array_interface__")
        assert busy.__cuda_array_interface__["shape"] == (2,)


def test_without_the_check_nothing_is_noted(busy):
    send(busy)
    with check_synchronised():
        pass


def test_an_error_of_the_program_comes_first(busy):
    def check():
        with check_synchronised():
            send(busy)
            raise KeyError("the program's own")

    with pytest.raises(KeyError):
        check()
    np.testing.assert_array_equal(busy.get(), [1, 1])
