/* The management library, as far as UCX asks it: which devices there are, and no links between. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default")))
#define MOST_DEVICES 16

enum {
    SUCCESS = 0,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    DRIVER_NOT_LOADED = 9
};

typedef struct {
    char legacy_id[16];
    unsigned domain, bus, device, device_id, subsystem_id;
    char id[32];
} pci_info;

static char devices[MOST_DEVICES];

static unsigned count_devices(void) {
    const char *given = getenv("HPCPY_EMULATED_GPUS");
    const int count = given == NULL ? 1 : atoi(given);
    return count < 0 ? 0 : count > MOST_DEVICES ? MOST_DEVICES : (unsigned)count;
}

API int nvmlInit_v2(void) {
    const char *given = getenv("HPCPY_EMULATED_GPUS");
    return given != NULL && strcmp(given, "broken") == 0 ? DRIVER_NOT_LOADED : SUCCESS;
}

API int nvmlInit(void) { return nvmlInit_v2(); }

API int nvmlShutdown(void) { return SUCCESS; }

API const char *nvmlErrorString(int result) {
    switch (result) {
    case SUCCESS: return "Success";
    case INVALID_ARGUMENT: return "Invalid Argument";
    case NOT_SUPPORTED: return "Not Supported";
    case NOT_FOUND: return "Not Found";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    default: return "Unknown Error";
    }
}

API int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = count_devices();
    return SUCCESS;
}

API int nvmlDeviceGetHandleByIndex_v2(unsigned index, char **device) {
    if (index >= count_devices())
        return INVALID_ARGUMENT;
    *device = &devices[index];
    return SUCCESS;
}

API int nvmlDeviceGetHandleByIndex(unsigned index, char **device) {
    return nvmlDeviceGetHandleByIndex_v2(index, device);
}

API int nvmlDeviceGetPciInfo_v3(const char *device, pci_info *info) {
    if (device < devices || device >= devices + count_devices())
        return INVALID_ARGUMENT;
    *info = (pci_info){.bus = (unsigned)(device - devices) + 1};
    snprintf(info->legacy_id, sizeof info->legacy_id, "0000:%02X:00.0", info->bus);
    snprintf(info->id, sizeof info->id, "00000000:%02X:00.0", info->bus);
    return SUCCESS;
}

API int nvmlDeviceGetHandleByPciBusId_v2(const char *id, char **device) {
    for (unsigned index = 0; index < count_devices(); index++) {
        pci_info info;
        nvmlDeviceGetPciInfo_v3(&devices[index], &info);
        if (strcmp(id, info.legacy_id) == 0 || strcmp(id, info.id) == 0)
            return nvmlDeviceGetHandleByIndex_v2(index, device);
    }
    return NOT_FOUND;
}

#define UNSUPPORTED(name) \
    API int name(void) { return NOT_SUPPORTED; }

UNSUPPORTED(nvmlDeviceGetFieldValues)
UNSUPPORTED(nvmlDeviceGetGpuFabricInfoV)
UNSUPPORTED(nvmlDeviceGetNvLinkRemotePciInfo)
UNSUPPORTED(nvmlDeviceGetNvLinkState)
