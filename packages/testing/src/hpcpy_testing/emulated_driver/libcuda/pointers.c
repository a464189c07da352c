/* What a pointer points to: asked by MPI libraries about every buffer they are given. */

#include "driver.h"

enum {
    CONTEXT = 1,
    MEMORY_TYPE = 2,
    DEVICE_POINTER = 3,
    HOST_POINTER = 4,
    SYNC_MEMOPS = 6,
    BUFFER_ID = 7,
    IS_MANAGED = 8,
    DEVICE_ORDINAL = 9,
    IS_LEGACY_CUDA_IPC_CAPABLE = 10,
    RANGE_START_ADDR = 11,
    RANGE_SIZE = 12,
    MAPPED = 13,
    ALLOWED_HANDLE_TYPES = 14,
    IS_GPU_DIRECT_RDMA_CAPABLE = 15,
    ACCESS_FLAGS = 16,
    MEMPOOL_HANDLE = 17
};

#define MEMORY_TYPE_HOST 1
#define MEMORY_TYPE_DEVICE 2
#define READ_AND_WRITE 3

/* Answer for a block, or in place of NULL for memory that the driver does not know. */
static CUresult answer(void *data, int attribute, const memory *block, CUdeviceptr address) {
    const bool device = on_device(block);
    switch (attribute) {
    case CONTEXT:
        *(CUcontext *)data = block == NULL ? NULL : context_of(block->device);
        break;
    case MEMORY_TYPE:
        *(unsigned *)data = device ? MEMORY_TYPE_DEVICE : block == NULL ? 0 : MEMORY_TYPE_HOST;
        break;
    case DEVICE_POINTER:
        *(CUdeviceptr *)data = block == NULL ? 0 : address;
        break;
    case HOST_POINTER:
        *(CUdeviceptr *)data = block == NULL || device ? 0 : address;
        break;
    case SYNC_MEMOPS:
        *(int *)data = block != NULL && block->sync_memops;
        break;
    case BUFFER_ID:
        *(unsigned long long *)data = block == NULL ? 0 : block->id;
        break;
    case IS_MANAGED:
    case IS_GPU_DIRECT_RDMA_CAPABLE:
        *(int *)data = 0;
        break;
    case DEVICE_ORDINAL:
        *(int *)data = block == NULL ? INVALID_DEVICE : block->device;
        break;
    case IS_LEGACY_CUDA_IPC_CAPABLE:
        *(int *)data = block != NULL && block->kind == ON_DEVICE;
        break;
    case RANGE_START_ADDR:
        *(void **)data = block == NULL ? NULL : block->address;
        break;
    case RANGE_SIZE:
        *(size_t *)data = block == NULL ? 0 : block->size;
        break;
    case MAPPED:
        *(int *)data = block != NULL;
        break;
    case ALLOWED_HANDLE_TYPES:
        *(unsigned long long *)data = 0;
        break;
    case ACCESS_FLAGS:
        *(int *)data = block == NULL ? 0 : READ_AND_WRITE;
        break;
    case MEMPOOL_HANDLE:
        *(void **)data = NULL;
        break;
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

API cuPointerGetAttribute(void *data, int attribute, CUdeviceptr address) {
    ENTER;
    const memory *const block = find_memory((void *)address);
    if (block == NULL || (attribute == HOST_POINTER && on_device(block)))
        return CUDA_ERROR_INVALID_VALUE;
    return answer(data, attribute, block, address);
}

/* Unlike the singular, this one answers for unknown memory, too. */
API cuPointerGetAttributes(unsigned count, const int *attributes, void **data,
                           CUdeviceptr address) {
    ENTER;
    const memory *const block = find_memory((void *)address);
    for (unsigned i = 0; i < count; i++) {
        const CUresult answered = answer(data[i], attributes[i], block, address);
        if (answered != CUDA_SUCCESS)
            return answered;
    }
    return CUDA_SUCCESS;
}

API cuPointerSetAttribute(const void *value, int attribute, CUdeviceptr address) {
    ENTER;
    memory *const block = find_memory((void *)address);
    if (!on_device(block) || attribute != SYNC_MEMOPS)
        return CUDA_ERROR_INVALID_VALUE;
    block->sync_memops = *(const unsigned *)value != 0;
    return CUDA_SUCCESS;
}
