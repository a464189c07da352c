/* The devices: how many there are, and what they say of themselves.

   HPCPY_EMULATED_GPUS         their number, 1 without it; 0 is a driver that finds no device, and
                               "broken" one that cannot be initialised
   HPCPY_EMULATED_GPU_MEMORY   bytes that each process may allocate on each of them
   HPCPY_EMULATED_CUDA         the newest CUDA that the driver runs, 13000 without it: 13.0
   CUDA_VISIBLE_DEVICES        as on a GPU: which devices the process sees, in which order */

#include "driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_MEMORY ((size_t)4 << 30)
#define VERSION 13000
#define UUID_BYTES 16

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static bool initialised;
static int count;
static int machines_number[MOST_DEVICES]; /* of each device that this process sees */
static size_t capacity = DEFAULT_MEMORY;

/* Contexts do not survive a fork: a child has to begin anew, and a GPU's driver refuses even that. */
static bool forked;

static void forget(void) {
    forked = forked || initialised;
    initialised = false;
    lock = (pthread_mutex_t)PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(NULL, NULL, forget);
}

int enter(void) {
    pthread_mutex_lock(&lock);
    return initialised ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
}

void leave(const int *entered) {
    (void)entered;
    pthread_mutex_unlock(&lock);
}

int device_count(void) { return count; }

int number_on_machine(int device) { return machines_number[device]; }

int device_of_number(int number) {
    for (int device = 0; device < count; device++)
        if (machines_number[device] == number)
            return device;
    return INVALID_DEVICE;
}

size_t device_capacity(void) { return capacity; }

static void write_uuid(unsigned char uuid[UUID_BYTES], int number) {
    memset(uuid, 0xE0 + number, UUID_BYTES);
}

/* Whether a word such as GPU-e1e1e1e1-e1e1 is the beginning of a device's UUID. */
static bool names_uuid(const char *word, size_t length, int number) {
    unsigned char uuid[UUID_BYTES];
    char text[48] = "GPU-";
    size_t end = 4;
    write_uuid(uuid, number);
    for (int i = 0; i < UUID_BYTES; i++)
        end += (size_t)sprintf(text + end, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                               uuid[i]);
    return length > 4 && length <= end && strncasecmp(word, text, length) == 0;
}

/* Return the number of the device that a word of CUDA_VISIBLE_DEVICES names, or -1. */
static int find_named(const char *word, size_t length, int devices) {
    char *end;
    const long number = strtol(word, &end, 10);
    if (length > 0 && end == word + length)
        return number >= 0 && number < devices ? (int)number : -1;
    for (int i = 0; i < devices; i++)
        if (names_uuid(word, length, i))
            return i;
    return -1;
}

static bool is_seen(int number, int seen) {
    for (int i = 0; i < seen; i++)
        if (machines_number[i] == number)
            return true;
    return false;
}

/* See what CUDA_VISIBLE_DEVICES names, up to the first word that names no device; all without it.
   Nothing says what a GPU's driver does with a device that is named twice: here the list ends. */
static int see_devices(int devices) {
    const char *word = getenv("CUDA_VISIBLE_DEVICES");
    int seen = 0;
    if (word == NULL) {
        for (; seen < devices; seen++)
            machines_number[seen] = seen;
        return seen;
    }
    for (;; word++) {
        word += strspn(word, " ");
        const size_t length = strcspn(word, ", ");
        const int number = find_named(word, length, devices);
        if (number < 0 || is_seen(number, seen))
            return seen;
        machines_number[seen++] = number;
        word += length + strspn(word + length, " ");
        if (*word != ',')
            return seen;
    }
}

API cuInit(unsigned flags) {
    if (flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    const char *devices = getenv("HPCPY_EMULATED_GPUS");
    const char *bytes = getenv("HPCPY_EMULATED_GPU_MEMORY");
    if (forked)
        return CUDA_ERROR_NOT_INITIALIZED;
    if (devices != NULL && strcmp(devices, "broken") == 0)
        return CUDA_ERROR_UNKNOWN;
    (void)enter();
    if (!initialised) {
        count = devices == NULL ? 1 : atoi(devices);
        count = see_devices(count < 0 ? 0 : count > MOST_DEVICES ? MOST_DEVICES : count);
        capacity = bytes == NULL ? DEFAULT_MEMORY : strtoull(bytes, NULL, 10);
        initialised = count > 0;
    }
    leave(NULL);
    return initialised ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

API cuDriverGetVersion(int *version) {
    const char *given = getenv("HPCPY_EMULATED_CUDA");
    *version = given == NULL ? VERSION : atoi(given);
    return CUDA_SUCCESS;
}

API cuDeviceGetCount(int *devices) {
    ENTER;
    *devices = count;
    return CUDA_SUCCESS;
}

API cuDeviceGet(CUdevice *device, int ordinal) {
    ENTER;
    if (ordinal < 0 || ordinal >= count)
        return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}

#define ENTER_DEVICE(device)            \
    ENTER;                              \
    if (device < 0 || device >= count)  \
        return CUDA_ERROR_INVALID_DEVICE

API cuDeviceGetName(char *name, int length, CUdevice device) {
    ENTER_DEVICE(device);
    snprintf(name, length, "Emulated GPU %d", machines_number[device]);
    return CUDA_SUCCESS;
}

API cuDeviceGetPCIBusId(char *id, int length, CUdevice device) {
    ENTER_DEVICE(device);
    snprintf(id, length, "0000:%02X:00.0", machines_number[device] + 1);
    return CUDA_SUCCESS;
}

API cuDeviceGetUuid_v2(unsigned char uuid[UUID_BYTES], CUdevice device) {
    ENTER_DEVICE(device);
    write_uuid(uuid, machines_number[device]);
    return CUDA_SUCCESS;
}

API cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    ENTER_DEVICE(device);
    *bytes = capacity;
    return CUDA_SUCCESS;
}

API cuDeviceGetAttribute(int *value, int attribute, CUdevice device) {
    ENTER_DEVICE(device);
    switch (attribute) {
    case 1:  *value = 1024; break;       /* MAX_THREADS_PER_BLOCK */
    case 10: *value = 32; break;         /* WARP_SIZE */
    case 16: *value = 1; break;          /* MULTIPROCESSOR_COUNT */
    case 19: *value = 1; break;          /* CAN_MAP_HOST_MEMORY */
    case 33: *value = machines_number[device] + 1; break; /* PCI_BUS_ID */
    case 40: *value = 1; break;          /* ASYNC_ENGINE_COUNT */
    case 41: *value = 1; break;          /* UNIFIED_ADDRESSING */
    case 75: *value = 9; break;          /* COMPUTE_CAPABILITY_MAJOR */
    default: *value = 0;                 /* it can do nothing else: no pools, no managed memory */
    }
    return CUDA_SUCCESS;
}

API cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer) {
    ENTER_DEVICE(device);
    if (peer < 0 || peer >= count)
        return CUDA_ERROR_INVALID_DEVICE;
    *can = device != peer;
    return CUDA_SUCCESS;
}

API cuDeviceGetP2PAttribute(int *value, int attribute, CUdevice device, CUdevice peer) {
    (void)attribute;
    return cuDeviceCanAccessPeer(value, device, peer);
}
