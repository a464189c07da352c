"""Zarr and HDF5 by the same calls as .npy; each needs its extra. Importing this starts no MPI."""
