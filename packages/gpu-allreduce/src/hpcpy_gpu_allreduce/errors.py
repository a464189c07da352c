"""What the commands say when an answer is wrong."""

from hpcpy_core.errors import HpcpyError

__all__ = ["VerificationError"]


class VerificationError(HpcpyError):
    """An algorithm gave a wrong result: which one, for what, on which rank, at which index."""
