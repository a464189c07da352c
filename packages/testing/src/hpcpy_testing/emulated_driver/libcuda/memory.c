/* Allocation of device memory. */

#include "driver.h"

#include <fcntl.h>
#include <string.h>

/* What nobody wrote is never zeros by chance. */
#define UNSET 0xA5

static off_t end; /* of the file: the place of freed memory is given back, and never used again */
static size_t used[MOST_DEVICES];

API cuMemAlloc_v2(CUdeviceptr *address, size_t size) {
    ENTER_CONTEXT(context);
    const size_t mapped = whole_pages(size);
    if (size == 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (mapped < size || mapped > device_capacity() - used[context->device])
        return CUDA_ERROR_OUT_OF_MEMORY;
    /* The pages are taken now: a machine that is short of memory must say so here, not by SIGBUS. */
    const int of = device_memory_file();
    if (of < 0 || fallocate(of, 0, end, (off_t)mapped) != 0)
        return CUDA_ERROR_OUT_OF_MEMORY;
    memory *const block = map_device_memory(of, end, size);
    if (block == NULL)
        return CUDA_ERROR_OUT_OF_MEMORY;
    end += (off_t)mapped;
    used[context->device] += mapped;
    memset(block->shadow, UNSET, size);
    *address = (CUdeviceptr)block->address;
    return CUDA_SUCCESS;
}

/* What is done with the block is finished first, and nothing else: programs may not rely on more. */
static CUresult free_device_memory(CUdeviceptr address) {
    ENTER_CONTEXT(context);
    memory *const block = find_memory((void *)address);
    if (address == 0)
        return CUDA_SUCCESS;
    if (block == NULL || block->kind != ON_DEVICE || (CUdeviceptr)block->address != address)
        return CUDA_ERROR_INVALID_VALUE;
    finish_with(block);
    used[block->device] -= block->mapped;
    fallocate(device_memory_file(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, block->offset,
              (off_t)block->mapped);
    unmap_device_memory(block);
    return CUDA_SUCCESS;
}

API cuMemFree_v2(CUdeviceptr address) { return free_device_memory(address); }

/* Configure scripts ask for this name, which a GPU's driver keeps for programs of long ago. */
API cuMemFree(CUdeviceptr address) { return free_device_memory(address); }

API cuMemGetInfo_v2(size_t *free_bytes, size_t *total_bytes) {
    ENTER_CONTEXT(context);
    *total_bytes = device_capacity();
    *free_bytes = device_capacity() - used[context->device];
    return CUDA_SUCCESS;
}

API cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *size, CUdeviceptr address) {
    ENTER_CONTEXT(context);
    const memory *const block = find_memory((void *)address);
    if (!on_device(block))
        return CUDA_ERROR_NOT_FOUND;
    if (base != NULL)
        *base = (CUdeviceptr)block->address;
    if (size != NULL)
        *size = block->size;
    return CUDA_SUCCESS;
}
