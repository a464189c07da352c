/* Entries by their name, and errors by their number. */

#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 128

enum { FOUND = 0, SYMBOL_NOT_FOUND = 1 };

static const struct {
    CUresult number;
    const char *name, *text;
} errors[] = {
#define ERROR(name, text) {name, #name, text}
    ERROR(CUDA_SUCCESS, "no error"),
    ERROR(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    ERROR(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    ERROR(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    ERROR(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    ERROR(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    ERROR(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    ERROR(CUDA_ERROR_MAP_FAILED, "mapping of buffer object failed"),
    ERROR(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    ERROR(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    ERROR(CUDA_ERROR_NOT_READY, "device not ready"),
    ERROR(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "memory is already registered"),
    ERROR(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "memory is not registered"),
    ERROR(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
    ERROR(CUDA_ERROR_UNKNOWN, "unknown error"),
};

#define ERRORS (sizeof errors / sizeof *errors)

API cuGetErrorName(CUresult number, const char **name) {
    *name = NULL;
    for (size_t i = 0; i < ERRORS && *name == NULL; i++)
        if (errors[i].number == number)
            *name = errors[i].name;
    return *name == NULL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

API cuGetErrorString(CUresult number, const char **text) {
    *text = NULL;
    for (size_t i = 0; i < ERRORS && *text == NULL; i++)
        if (errors[i].number == number)
            *text = errors[i].text;
    return *text == NULL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

/* Callers ask for cuMemAlloc and mean what their headers make of it, which is cuMemAlloc_v2. */
API cuGetProcAddress_v2(const char *name, void **entry, int version, uint64_t flags, int *status) {
    (void)version, (void)flags;
    char versioned[LONGEST_NAME];
    Dl_info self;
    void *library = NULL;
    snprintf(versioned, sizeof versioned, "%s_v2", name);
    if (dladdr(errors, &self) != 0)
        library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    const bool ours = library != NULL && strncmp(name, "cu", 2) == 0; /* and not the C library's */
    *entry = ours ? dlsym(library, versioned) : NULL;
    if (ours && *entry == NULL)
        *entry = dlsym(library, name);
    if (library != NULL)
        dlclose(library);
    if (status != NULL)
        *status = *entry == NULL ? SYMBOL_NOT_FOUND : FOUND;
    return *entry == NULL ? CUDA_ERROR_NOT_FOUND : CUDA_SUCCESS;
}

API cuGetProcAddress(const char *name, void **entry, int version, uint64_t flags) {
    return cuGetProcAddress_v2(name, entry, version, flags, NULL);
}
