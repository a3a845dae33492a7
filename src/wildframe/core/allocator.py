"""What Python and glibc do with memory that is no longer needed."""

import atexit
import gc
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def collect_garbage_seldom() -> None:
    """Let Python look for garbage seldom, and no more at its end.

    What modules define is no garbage: torch and timm start in a tenth less time and end in a
    twentieth of theirs, and a plan takes a fifth less.
    """
    gc.set_threshold(200_000)
    atexit.register(gc.freeze)


def keep_freed_memory() -> None:
    """Tell glibc to keep large freed blocks, which others of the same size are about to take.

    Otherwise each image, and what each layer computes, is returned to the kernel and faulted in
    again: images are extracted in two thirds of the time, and light CNNs on a CPU run in half to a
    third. Results do not change. Call it before torch is imported; without glibc it does nothing.
    """
    if sys.platform == "linux":
        import ctypes

        try:
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(_M_MMAP_MAX, 0)
            libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
        except (OSError, AttributeError):  # not glibc
            return
