/* What only tests may ask: no GPU's driver has these. */

#include "driver.h"

/* Count the unfinished work that reads or writes a range of device memory. */
API hpcpyEmulatedPending(CUdeviceptr address, size_t size, size_t *pending) {
    ENTER;
    const memory *const block = find_memory((void *)address);
    if (!on_device(block))
        return CUDA_ERROR_INVALID_VALUE;
    *pending = count_pending(block->shadow + ((char *)address - block->address), size);
    return CUDA_SUCCESS;
}

/* Play the part of a kernel: call a function with the place of a range of device memory. */
API hpcpyEmulatedLaunch(CUdeviceptr address, size_t size, void (*kernel)(void *),
                        CUstream stream) {
    ENTER_CONTEXT(context);
    const memory *const block = find_memory((void *)address);
    const CUresult usable = use_stream(&stream, context);
    if (usable != CUDA_SUCCESS || !on_device(block))
        return usable != CUDA_SUCCESS ? usable : CUDA_ERROR_INVALID_VALUE;
    char *const place = block->shadow + ((char *)address - block->address);
    return enqueue(
        stream, (work){.kind = CALL, .call = kernel, .data = place, .to = place, .size = size});
}
