"""Give back the memory of a GPU that the process keeps for later."""

from hpcpy_core.device import Device

__all__ = ["free_memory"]


def free_memory(device: Device) -> None:
    """Free what CuPy's pool holds and no array uses; nothing on a CPU. Local.

    The pool keeps memory for each stream, and every run has streams of its own. Between the
    cases of a ladder it would pile up, where other ranks on the same GPU need it.
    """
    if device.kind == "gpu":
        device.xp.get_default_memory_pool().free_all_blocks()
