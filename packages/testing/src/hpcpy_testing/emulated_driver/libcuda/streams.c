/* Streams: made, waited for, and asked whether they are done. */

#include "driver.h"

#define NON_BLOCKING 1

API cuStreamCreateWithPriority(CUstream *stream, unsigned flags, int priority) {
    (void)priority;
    ENTER_CONTEXT(context);
    *stream = add_stream(context->device, false, !(flags & NON_BLOCKING));
    return CUDA_SUCCESS;
}

API cuStreamCreate(CUstream *stream, unsigned flags) {
    return cuStreamCreateWithPriority(stream, flags, 0);
}

#define ENTER_STREAM(stream)                              \
    ENTER_CONTEXT(context);                               \
    const CUresult usable = use_stream(&stream, context); \
    if (usable != CUDA_SUCCESS)                           \
        return usable

API cuStreamDestroy_v2(CUstream stream) {
    ENTER_STREAM(stream);
    run_until_done(stream, last_turn());
    stream->destroyed = !stream->is_default;
    return CUDA_SUCCESS;
}

API cuStreamSynchronize(CUstream stream) {
    ENTER_STREAM(stream);
    mark_default(stream);
    run_until_done(stream, last_turn());
    return CUDA_SUCCESS;
}

/* Every query of unfinished work finds it nearer to its end. */
API cuStreamQuery(CUstream stream) {
    ENTER_STREAM(stream);
    mark_default(stream);
    return run_next(stream) ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
}

API cuLaunchHostFunc(CUstream stream, void (*function)(void *), void *data) {
    ENTER_STREAM(stream);
    return enqueue(stream, (work){.kind = CALL, .call = function, .data = data});
}

API cuStreamAddCallback(CUstream stream, void (*function)(CUstream, CUresult, void *), void *data,
                        unsigned flags) {
    (void)flags;
    CUstream const given = stream;
    ENTER_STREAM(stream);
    return enqueue(stream,
                   (work){.kind = CALL_BACK, .call_back = function, .other = given, .data = data});
}
