"""The names of dtypes and operations, for options and messages. Starts no MPI."""

__all__ = ["DTYPES", "UFUNCS"]

DTYPES = (
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)

UFUNCS = {"sum": "add", "prod": "multiply", "min": "minimum", "max": "maximum"}
"""For each operation the function of NumPy and CuPy that does the same as MPI's."""
