"""What the benchmark says when an answer is wrong."""

from hpcpy_core.errors import HpcpyError

__all__ = ["ValidationError"]


class ValidationError(HpcpyError):
    """An operation delivered wrong data: what it was, on which rank, from which index."""
