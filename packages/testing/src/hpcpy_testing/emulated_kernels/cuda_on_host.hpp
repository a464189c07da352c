/* CUDA C++ for a compiler of the host: put before a .cu file, which includes nothing. */
#pragma once

#include "builtins.hpp"
#include "cuda_types.hpp"
#include "kernel_table.hpp"
