"""The kernels of the ladder that run on a GPU: CUDA sources beside the modules that launch them."""
