/* Entries that a program must find in order to start, and that this device does not support.

   Libraries such as UCX are linked to them, try some, and do without. */

#include "driver.h"

#define UNSUPPORTED(name) \
    API name(void) { return CUDA_ERROR_NOT_SUPPORTED; }

/* Virtual memory management. */
UNSUPPORTED(cuMemAddressFree)
UNSUPPORTED(cuMemAddressReserve)
UNSUPPORTED(cuMemCreate)
UNSUPPORTED(cuMemExportToShareableHandle)
UNSUPPORTED(cuMemGetAccess)
UNSUPPORTED(cuMemGetAllocationGranularity)
UNSUPPORTED(cuMemGetAllocationPropertiesFromHandle)
UNSUPPORTED(cuMemGetHandleForAddressRange)
UNSUPPORTED(cuMemImportFromShareableHandle)
UNSUPPORTED(cuMemMap)
UNSUPPORTED(cuMemRelease)
UNSUPPORTED(cuMemRetainAllocationHandle)
UNSUPPORTED(cuMemSetAccess)
UNSUPPORTED(cuMemUnmap)

/* Memory pools. */
UNSUPPORTED(cuMemAllocAsync)
UNSUPPORTED(cuMemAllocFromPoolAsync)
UNSUPPORTED(cuMemFreeAsync)
UNSUPPORTED(cuMemPoolDestroy)
UNSUPPORTED(cuMemPoolExportPointer)
UNSUPPORTED(cuMemPoolExportToShareableHandle)
UNSUPPORTED(cuMemPoolGetAccess)
UNSUPPORTED(cuMemPoolImportFromShareableHandle)
UNSUPPORTED(cuMemPoolImportPointer)
UNSUPPORTED(cuMemPoolSetAccess)

/* Managed and pitched memory, and that of modules. */
UNSUPPORTED(cuMemAllocManaged)
UNSUPPORTED(cuMemAllocPitch_v2)
UNSUPPORTED(cuMemRangeGetAttribute)
UNSUPPORTED(cuLibraryGetGlobal)
UNSUPPORTED(cuModuleGetGlobal_v2)
