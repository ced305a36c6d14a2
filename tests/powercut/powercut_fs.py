#!/usr/bin/env python3
"""A file system that keeps only what was fsynced when the power goes.

    powercut_fs.py STORE MOUNT

Files live in STORE as they would be found after a power cut. What is written and not yet synced
is kept in this process alone, page by page, and is seen by readers like on any file system.
fsync and fdatasync bring a file's pages into STORE.

* SIGKILL is the power cut: everything that was not synced is gone.
* SIGUSR1 is a power cut during which the disk had begun to write: a random half of the unsynced
  pages reaches STORE, each alone and in no order, and then the process ends.

Names (create, rename, unlink) and truncation take effect at once, as on a file system with a
journal. A file's growth counts as data: it is lost with the pages.
"""

import errno
import os
import random
import signal
import stat
import sys
import threading

import mfusepy as fuse

PAGE = 4096


class Unsynced:
    """The unsynced pages of one file, and its size as readers see it."""

    def __init__(self, size):
        self.size = size
        self.pages = {}


class PowerCut(fuse.Operations):
    def __init__(self, store):
        self.store = os.path.realpath(store)
        self.guard = threading.RLock()
        self.files = {}
        signal.signal(signal.SIGUSR1, self.half)

    def real(self, path):
        return self.store + path

    # Names

    def getattr(self, path, fh=None):
        found = os.lstat(self.real(path))
        keys = ("st_atime", "st_ctime", "st_mtime", "st_gid", "st_uid", "st_mode", "st_nlink")
        attributes = {key: getattr(found, key) for key in keys}
        with self.guard:
            unsynced = self.files.get(path)
            attributes["st_size"] = unsynced.size if unsynced else found.st_size
        return attributes

    def readdir(self, path, fh):
        return [".", "..", *os.listdir(self.real(path))]

    def mkdir(self, path, mode):
        os.mkdir(self.real(path), mode)
        return 0

    def rmdir(self, path):
        os.rmdir(self.real(path))
        return 0

    def unlink(self, path):
        with self.guard:
            os.unlink(self.real(path))
            self.files.pop(path, None)
        return 0

    def rename(self, old, new):
        with self.guard:
            os.rename(self.real(old), self.real(new))
            self.files.pop(new, None)
            if old in self.files:
                self.files[new] = self.files.pop(old)
        return 0

    def chmod(self, path, mode):
        os.chmod(self.real(path), mode)
        return 0

    def chown(self, path, uid, gid):
        os.chown(self.real(path), uid, gid)
        return 0

    def utimens(self, path, times=None):
        os.utime(self.real(path), times)
        return 0

    def access(self, path, mode):
        if not os.access(self.real(path), mode):
            raise fuse.FuseOSError(errno.EACCES)
        return 0

    def statfs(self, path):
        found = os.statvfs(self.store)
        keys = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_frsize", "f_files", "f_ffree")
        return {key: getattr(found, key) for key in (*keys, "f_namemax")}

    # Files

    def create(self, path, mode, fi=None):
        with self.guard:
            self.files.pop(path, None)
            return os.open(self.real(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def open(self, path, flags):
        with self.guard:
            if flags & os.O_TRUNC:
                self.truncate(path, 0)
            mode = os.lstat(self.real(path)).st_mode
            if not stat.S_ISREG(mode):
                raise fuse.FuseOSError(errno.EINVAL)
            return os.open(self.real(path), os.O_RDWR)

    def release(self, path, fh):
        os.close(fh)
        return 0

    def unsynced(self, path):
        if path not in self.files:
            self.files[path] = Unsynced(os.stat(self.real(path)).st_size)
        return self.files[path]

    def page(self, unsynced, number, fh):
        found = unsynced.pages.get(number)
        if found is None:
            found = os.pread(fh, PAGE, number * PAGE)
            found = bytearray(found + bytes(PAGE - len(found)))
        return found

    def read(self, path, size, offset, fh):
        with self.guard:
            unsynced = self.files.get(path)
            if unsynced is None:
                return os.pread(fh, size, offset)
            size = max(0, min(size, unsynced.size - offset))
            if size == 0:
                return b""
            first, last = offset // PAGE, (offset + size - 1) // PAGE
            whole = b"".join(self.page(unsynced, n, fh) for n in range(first, last + 1))
            start = offset - first * PAGE
            return bytes(whole[start : start + size])

    def write(self, path, data, offset, fh):
        with self.guard:
            unsynced = self.unsynced(path)
            done = 0
            while done < len(data):
                number, start = divmod(offset + done, PAGE)
                count = min(PAGE - start, len(data) - done)
                page = self.page(unsynced, number, fh)
                page[start : start + count] = data[done : done + count]
                unsynced.pages[number] = page
                done += count
            unsynced.size = max(unsynced.size, offset + len(data))
            return len(data)

    def truncate(self, path, length, fh=None):
        with self.guard:
            stored = os.stat(self.real(path)).st_size
            unsynced = self.files.get(path)
            if unsynced is None and length <= stored:
                os.truncate(self.real(path), length)
                return 0
            unsynced = self.unsynced(path)
            if length < stored:
                os.truncate(self.real(path), length)
            last, rest = divmod(length, PAGE)
            for number in [n for n in unsynced.pages if n > last or (n == last and rest == 0)]:
                del unsynced.pages[number]
            if last in unsynced.pages:
                unsynced.pages[last][rest:] = bytes(PAGE - rest)
            unsynced.size = length
        return 0

    def bring(self, path, unsynced, numbers):
        """Writes some pages into the store, no further than the file reaches."""
        with open(self.real(path), "r+b") as file:
            for number in numbers:
                start = number * PAGE
                data = unsynced.pages[number][: max(0, unsynced.size - start)]
                file.seek(start)
                file.write(data)

    def fsync(self, path, datasync, fh):
        with self.guard:
            unsynced = self.files.pop(path, None)
            if unsynced:
                self.bring(path, unsynced, sorted(unsynced.pages))
                os.truncate(self.real(path), unsynced.size)
        return 0

    def flush(self, path, fh):
        return 0

    def fsyncdir(self, path, datasync, fh):
        return 0

    def half(self, *_):
        for path, unsynced in self.files.items():
            chosen = [number for number in unsynced.pages if random.random() < 0.5]
            random.shuffle(chosen)
            self.bring(path, unsynced, chosen)
        os._exit(0)


def main():
    store, mount = sys.argv[1:]
    # One thread, so that a signal finds every file between two operations.
    fuse.FUSE(PowerCut(store), mount, foreground=True, nothreads=True, attr_timeout=0,
              entry_timeout=0)


if __name__ == "__main__":
    main()
