/* Primary contexts, and which of them is current in a thread. */

#include "driver.h"

#define DEEPEST 64

static struct context contexts[MOST_DEVICES];

/* Every thread has a stack of its own, and starts without a context. */
static __thread CUcontext stack[DEEPEST];
static __thread int depth;

CUcontext context_of(int device) {
    CUcontext const context = &contexts[device];
    context->device = device;
    context->id = (unsigned long long)device + 1;
    return context;
}

CUcontext current_context(void) { return depth ? stack[depth - 1] : NULL; }

static bool is_context(CUcontext context) {
    return context >= contexts && context < contexts + device_count();
}

API cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    ENTER;
    if (device < 0 || device >= device_count())
        return CUDA_ERROR_INVALID_DEVICE;
    *context = context_of(device);
    (*context)->users++;
    return CUDA_SUCCESS;
}

/* A GPU's driver destroys a context that nobody retains any more; here it only becomes inactive. */
API cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    ENTER;
    if (device < 0 || device >= device_count())
        return CUDA_ERROR_INVALID_DEVICE;
    if (contexts[device].users == 0)
        return CUDA_ERROR_INVALID_CONTEXT;
    contexts[device].users--;
    return CUDA_SUCCESS;
}

API cuDevicePrimaryCtxGetState(CUdevice device, unsigned *flags, int *active) {
    ENTER;
    if (device < 0 || device >= device_count())
        return CUDA_ERROR_INVALID_DEVICE;
    *flags = contexts[device].flags;
    *active = contexts[device].users > 0;
    return CUDA_SUCCESS;
}

API cuCtxGetCurrent(CUcontext *context) {
    ENTER;
    *context = current_context();
    return CUDA_SUCCESS;
}

API cuCtxSetCurrent(CUcontext context) {
    ENTER;
    if (context != NULL && !is_context(context))
        return CUDA_ERROR_INVALID_CONTEXT;
    depth -= depth > 0;
    if (context != NULL)
        stack[depth++] = context;
    return CUDA_SUCCESS;
}

API cuCtxPushCurrent_v2(CUcontext context) {
    ENTER;
    if (!is_context(context) || depth == DEEPEST)
        return CUDA_ERROR_INVALID_CONTEXT;
    stack[depth++] = context;
    return CUDA_SUCCESS;
}

API cuCtxPopCurrent_v2(CUcontext *context) {
    ENTER_CONTEXT(popped);
    depth--;
    if (context != NULL)
        *context = popped;
    return CUDA_SUCCESS;
}

API cuCtxGetDevice(CUdevice *device) {
    ENTER_CONTEXT(context);
    *device = context->device;
    return CUDA_SUCCESS;
}

API cuCtxGetId(CUcontext context, unsigned long long *id) {
    ENTER;
    context = context == NULL ? current_context() : context;
    if (!is_context(context))
        return CUDA_ERROR_INVALID_CONTEXT;
    *id = context->id;
    return CUDA_SUCCESS;
}

API cuCtxSetFlags(unsigned flags) {
    ENTER_CONTEXT(context);
    context->flags = flags;
    return CUDA_SUCCESS;
}

API cuCtxGetFlags(unsigned *flags) {
    ENTER_CONTEXT(context);
    *flags = context->flags;
    return CUDA_SUCCESS;
}

API cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
    (void)flags;
    ENTER_CONTEXT(context);
    return is_context(peer) && peer != context ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

API cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    ENTER_CONTEXT(context);
    *least = *greatest = 0;
    return CUDA_SUCCESS;
}

API cuCtxSynchronize(void) {
    ENTER_CONTEXT(context);
    run_all(context->device);
    return CUDA_SUCCESS;
}
