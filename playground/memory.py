"""What the server keeps for all visitors: results and models, each bounded in bytes; the least used go first."""

import ctypes
import sys
import time
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import partial
from threading import Condition
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from torch import Tensor, nn

RESULTS, MODELS = 64_000_000, 128_000_000  # bytes that are kept at most
EVERY = 2  # seconds at least between giving memory back, which takes milliseconds
M_ARENA_MAX = -8  # of malloc.h
_C = ctypes.CDLL(None)


def size(value: Any) -> int:
    """Return how many bytes a value keeps in memory: arrays and tensors whole, what is in them of containers, dataclasses and modules."""
    if isinstance(value, np.ndarray):
        whole = value
        while isinstance(whole.base, np.ndarray):  # a view keeps all that it looks at
            whole = whole.base
        return whole.nbytes
    if isinstance(value, Tensor):
        return value.untyped_storage().nbytes()
    if isinstance(value, nn.Module):
        stored = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _tensors(value)}
        return sum(stored.values())  # weights that two layers share lie there once
    held = sys.getsizeof(value)
    if is_dataclass(value) and not isinstance(value, type):
        return held + sum(size(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return held + sum(size(key) + size(part) for key, part in value.items())
    if isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray | memoryview | range):
        return held + sum(map(size, value))
    return held


def _tensors(model: nn.Module) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()]


class Kept(LRUCache):
    """Values by key, never more bytes of them than there is room for: what was used longest ago goes first."""

    def __init__(self, room: int):
        super().__init__(room, size)
        self.change = Condition()  # guards it, and tells those who wait for a value that another makes
        self._given = time.monotonic()

    def __setitem__(self, key: Hashable, value: Any) -> None:
        """Keep a value; ValueError where it is larger than all the room."""
        super().__setitem__(key, value)
        if time.monotonic() - self._given > EVERY:  # what went, and what making the value took
            give_back()
            self._given = time.monotonic()

    def find(self, key: Hashable) -> Any:
        """Return what is kept under a key, None where nothing is."""
        with self.change:
            return self.get(key)

    def keep(self, key: Hashable, value: Any) -> None:
        """Keep a value, unless it is larger than all the room."""
        with self.change, suppress(ValueError):
            self[key] = value


results, models = Kept(RESULTS), Kept(MODELS)


def remembered(call: Callable, cache: Kept = results) -> Callable:
    """Keep what a function returns for its arguments, which are hashable, for all visitors; who asks while it is made waits for it.

    What is larger than the cache is returned and not kept. An exception goes to who asked first; the next who waits tries again.
    """
    key = partial(hashkey, f"{call.__module__}.{call.__qualname__}")
    return cached(cache, key, condition=cache.change)(call)


loaded = partial(remembered, cache=models)


def give_back() -> None:
    """Give freed memory back to the system, where its C library knows how (glibc)."""
    if trim := getattr(_C, "malloc_trim", None):
        trim(0)


def settle() -> None:
    """Let all threads share two pools of memory: else each session's thread keeps what it freed in a pool of its own (glibc)."""
    if tell := getattr(_C, "mallopt", None):
        tell(M_ARENA_MAX, 2)


settle()
