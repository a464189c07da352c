/* Page-locked host memory, which copies in a stream read and write when their turn comes. */

#include "driver.h"

#include <stdlib.h>

#define ALIGNMENT 4096

API cuMemHostAlloc(void **address, size_t size, unsigned flags) {
    (void)flags;
    ENTER_CONTEXT(context);
    if (size == 0 || posix_memalign(address, ALIGNMENT, size) != 0)
        return CUDA_ERROR_OUT_OF_MEMORY;
    add_memory(HOST_ALLOCATED, *address, size, context->device);
    return CUDA_SUCCESS;
}

API cuMemAllocHost_v2(void **address, size_t size) { return cuMemHostAlloc(address, size, 0); }

API cuMemFreeHost(void *address) {
    ENTER_CONTEXT(context);
    memory *const block = find_memory(address);
    if (block == NULL || block->kind != HOST_ALLOCATED || block->address != address)
        return CUDA_ERROR_INVALID_VALUE;
    finish_with(block);
    drop_memory(block);
    free(address);
    return CUDA_SUCCESS;
}

API cuMemHostRegister_v2(void *address, size_t size, unsigned flags) {
    (void)flags;
    ENTER_CONTEXT(context);
    if (address == NULL || size == 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (find_memory(address) != NULL)
        return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    add_memory(HOST_REGISTERED, address, size, context->device);
    return CUDA_SUCCESS;
}

API cuMemHostUnregister(void *address) {
    ENTER_CONTEXT(context);
    memory *const block = find_memory(address);
    if (block == NULL || block->kind != HOST_REGISTERED || block->address != address)
        return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
    finish_with(block);
    drop_memory(block);
    return CUDA_SUCCESS;
}

API cuMemHostGetDevicePointer_v2(CUdeviceptr *device_address, void *address, unsigned flags) {
    (void)flags;
    ENTER_CONTEXT(context);
    const memory *const block = find_memory(address);
    if (block == NULL || on_device(block))
        return CUDA_ERROR_INVALID_VALUE;
    *device_address = (CUdeviceptr)address;
    return CUDA_SUCCESS;
}
