"""What ``python -m hpcpy_diffusion.bench`` compares: ranks, MPI or none, other libraries."""
