/* Device memory of another process, by a handle that travels in any message. */

#include "driver.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file of device memory has no name; its owner's /proc folder leads to it. */
typedef struct {
    char name[8];
    pid_t owner;
    int descriptor;
    ino_t file;
    off_t offset;
    size_t size;
    int number; /* of the device, on this machine */
    char unused[20];
} memory_handle;

_Static_assert(sizeof(memory_handle) == 64, "CUDA's handles have 64 bytes");

static const char HANDLE_NAME[8] = "hpcpy-me";

API cuIpcGetMemHandle(memory_handle *handle, CUdeviceptr address) {
    ENTER_CONTEXT(context);
    (void)context;
    const memory *const block = find_memory((void *)address);
    if (block == NULL || block->kind != ON_DEVICE)
        return CUDA_ERROR_INVALID_VALUE;
    *handle = (memory_handle){
        .owner = getpid(),
        .descriptor = device_memory_file(),
        .file = block->file,
        .offset = block->offset,
        .size = block->size,
        .number = number_on_machine(block->device),
    };
    memcpy(handle->name, HANDLE_NAME, sizeof handle->name);
    return CUDA_SUCCESS;
}

/* Open the owner's file; the process of that number may by now be another one. */
static int open_file(const memory_handle *handle) {
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)handle->owner, handle->descriptor);
    const int file = open(path, O_RDWR | O_CLOEXEC);
    if (file >= 0 && (fstat(file, &status) != 0 || status.st_ino != handle->file)) {
        close(file);
        return -1;
    }
    return file;
}

API cuIpcOpenMemHandle_v2(CUdeviceptr *address, memory_handle handle, unsigned flags) {
    (void)flags;
    ENTER_CONTEXT(context);
    (void)context;
    const int device = device_of_number(handle.number);
    if (memcmp(handle.name, HANDLE_NAME, sizeof handle.name) != 0 || device == INVALID_DEVICE)
        return CUDA_ERROR_INVALID_VALUE;
    if (handle.owner == getpid())
        return CUDA_ERROR_INVALID_CONTEXT;
    memory *block = find_opened(handle.file, handle.offset);
    if (block == NULL) {
        const int file = open_file(&handle);
        if (file < 0)
            return CUDA_ERROR_MAP_FAILED;
        block = map_device_memory(file, handle.offset, handle.size);
        close(file);
        if (block == NULL)
            return CUDA_ERROR_MAP_FAILED;
        block->kind = OF_ANOTHER_PROCESS;
        block->device = device;
    }
    block->opened++;
    *address = (CUdeviceptr)block->address;
    return CUDA_SUCCESS;
}

API cuIpcCloseMemHandle(CUdeviceptr address) {
    ENTER_CONTEXT(context);
    (void)context;
    memory *const block = find_memory((void *)address);
    if (block == NULL || block->kind != OF_ANOTHER_PROCESS ||
        (CUdeviceptr)block->address != address)
        return CUDA_ERROR_INVALID_VALUE;
    finish_with(block);
    if (--block->opened == 0)
        unmap_device_memory(block);
    return CUDA_SUCCESS;
}
