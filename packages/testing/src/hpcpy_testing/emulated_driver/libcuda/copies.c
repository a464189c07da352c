/* Copies and fills, in streams or at once.

   A copy between the device and page-locked host memory waits for its turn. With pageable memory
   CUDA promises more, and programs rely on it: what is copied to the device is read before the
   call returns, and what is copied to the host is there when it returns. */

#include "driver.h"

#include <stdlib.h>
#include <string.h>

#define SYNC_MEMOPS 0x80

/* Return where the data of an address is. A host address that the driver does not know is good. */
static char *resolve(CUdeviceptr address, size_t size, bool is_device) {
    const memory *const block = find_memory((void *)address);
    if (block == NULL)
        return is_device ? NULL : (char *)address;
    const size_t offset = (size_t)((char *)address - block->address);
    if (on_device(block) ? size > block->size - offset : is_device)
        return NULL;
    return block->shadow + offset;
}

/* Whether work on this memory must be finished before the call returns. */
static bool synchronises(CUdeviceptr address, CUcontext context) {
    const memory *const block = find_memory((void *)address);
    return (context->flags & SYNC_MEMOPS) || (block != NULL && block->sync_memops);
}

typedef enum { HOST_OR_DEVICE, HOST_TO_DEVICE, DEVICE_TO_HOST, DEVICE_TO_DEVICE } direction;

static CUresult copy(CUdeviceptr to, CUdeviceptr from, size_t size, direction way, CUstream stream,
                     bool wait) {
    ENTER_CONTEXT(context);
    const CUresult usable = use_stream(&stream, context);
    if (usable != CUDA_SUCCESS)
        return usable;
    work item = {
        .kind = COPY,
        .to = resolve(to, size, way == HOST_TO_DEVICE || way == DEVICE_TO_DEVICE),
        .from = resolve(from, size, way == DEVICE_TO_HOST || way == DEVICE_TO_DEVICE),
        .size = size,
    };
    if (item.to == NULL || item.from == NULL)
        return CUDA_ERROR_INVALID_VALUE;
    if (size == 0)
        return CUDA_SUCCESS;
    const bool between_devices =
        on_device(find_memory((void *)to)) && on_device(find_memory((void *)from));
    if (wait && between_devices)
        wait = synchronises(to, context) || synchronises(from, context);
    if (find_memory((void *)to) == NULL)
        wait = true;
    if (!wait && find_memory((void *)from) == NULL) {
        item.staged = malloc(size);
        if (item.staged == NULL)
            return CUDA_ERROR_OUT_OF_MEMORY;
        item.from = memcpy(item.staged, item.from, size);
    }
    const CUresult added = enqueue(stream, item);
    if (added == CUDA_SUCCESS && wait)
        run_until_done(stream, last_turn());
    return added;
}

API cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t size) {
    return copy(to, from, size, HOST_OR_DEVICE, NULL, true);
}

API cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream) {
    return copy(to, from, size, HOST_OR_DEVICE, stream, false);
}

API cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t size) {
    return copy(to, (CUdeviceptr)from, size, HOST_TO_DEVICE, NULL, true);
}

API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t size, CUstream stream) {
    return copy(to, (CUdeviceptr)from, size, HOST_TO_DEVICE, stream, false);
}

API cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t size) {
    return copy((CUdeviceptr)to, from, size, DEVICE_TO_HOST, NULL, true);
}

API cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t size, CUstream stream) {
    return copy((CUdeviceptr)to, from, size, DEVICE_TO_HOST, stream, false);
}

/* As on a GPU, this one does not wait for its end, whatever its name says. */
API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t size) {
    return copy(to, from, size, DEVICE_TO_DEVICE, NULL, true);
}

API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream) {
    return copy(to, from, size, DEVICE_TO_DEVICE, stream, false);
}

static CUresult fill(CUdeviceptr to, unsigned value, unsigned width, size_t count, CUstream stream,
                     bool wait) {
    ENTER_CONTEXT(context);
    const CUresult usable = use_stream(&stream, context);
    if (usable != CUDA_SUCCESS)
        return usable;
    const size_t size = count * width;
    char *const target = resolve(to, size, true);
    if (target == NULL || to % width != 0)
        return CUDA_ERROR_INVALID_VALUE;
    const CUresult added = enqueue(
        stream, (work){.kind = FILL, .to = target, .size = size, .value = value, .width = width});
    if (added == CUDA_SUCCESS && wait && synchronises(to, context))
        run_until_done(stream, last_turn());
    return added;
}

API cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
    return fill(to, value, 1, count, NULL, true);
}

API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
    return fill(to, value, 1, count, stream, false);
}

API cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) {
    return fill(to, value, 4, count, NULL, true);
}

API cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) {
    return fill(to, value, 4, count, stream, false);
}
