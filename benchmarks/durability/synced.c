/* Preloaded into redis-server: notes beside each append-only file how long it was when last synced.
   SIGKILL takes nothing from the page cache; a power cut takes what lies behind that length. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(int fd, long long size) {
    char link[64], path[4096], text[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - sizeof ".synced");
    if (length < 4 || strncmp(path + length - 4, ".aof", 4) != 0) return;
    strcpy(path + length, ".synced");
    int notes = open(path, O_WRONLY | O_CREAT, 0600);
    if (notes < 0) return;
    int count = snprintf(text, sizeof text, "%020lld", size);
    if (pwrite(notes, text, count, 0) != count) unlink(path);
    close(notes);
}

static int synced(int fd, const char *name) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct stat before; /* what is written while it syncs may be left out */
    int known = fstat(fd, &before);
    int result = sync(fd);
    if (result == 0 && known == 0) note(fd, before.st_size);
    return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
