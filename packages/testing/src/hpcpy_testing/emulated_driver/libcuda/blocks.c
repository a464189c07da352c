/* The blocks of memory that the driver knows: on a device, of another process, of the host.

   The address of device memory belongs to pages that cannot be read or written, so that the host's
   use of it ends as on a machine with a GPU: by SIGSEGV. The data is in a shadow of the same size,
   which maps a file without a name: other processes can map it, too, and it is gone with the last
   of them however they end. */

#include "driver.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static memory *blocks;
static int file = -1;
static unsigned long long ids;

size_t whole_pages(size_t size) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

int device_memory_file(void) {
    if (file < 0)
        file = memfd_create("hpcpy-emulated-gpu", MFD_CLOEXEC);
    return file;
}

memory *find_memory(const void *address) {
    for (memory *block = blocks; block != NULL; block = block->next)
        if ((const char *)address >= block->address &&
            (const char *)address < block->address + block->size)
            return block;
    return NULL;
}

memory *find_opened(ino_t inode, off_t offset) {
    for (memory *block = blocks; block != NULL; block = block->next)
        if (block->kind == OF_ANOTHER_PROCESS && block->file == inode && block->offset == offset)
            return block;
    return NULL;
}

memory *add_memory(memory_kind kind, char *address, size_t size, int device) {
    memory *const block = calloc(1, sizeof *block);
    *block = (memory){
        .next = blocks,
        .address = address,
        .shadow = address,
        .size = size,
        .kind = kind,
        .device = device,
        .id = ++ids,
    };
    return blocks = block;
}

void drop_memory(memory *block) {
    memory **link = &blocks;
    while (*link != block)
        link = &(*link)->next;
    *link = block->next;
    free(block);
}

memory *map_device_memory(int of, off_t offset, size_t size) {
    const size_t mapped = whole_pages(size);
    char *const address =
        mmap(NULL, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address == MAP_FAILED)
        return NULL;
    char *const shadow = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, of, offset);
    struct stat status;
    if (shadow == MAP_FAILED || fstat(of, &status) != 0) {
        munmap(address, mapped);
        return NULL;
    }
    memory *const block = add_memory(ON_DEVICE, address, size, current_context()->device);
    block->shadow = shadow;
    block->mapped = mapped;
    block->offset = offset;
    block->file = status.st_ino;
    return block;
}

void unmap_device_memory(memory *block) {
    munmap(block->address, block->mapped);
    munmap(block->shadow, block->mapped);
    drop_memory(block);
}
