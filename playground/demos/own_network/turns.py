"""What all training here shares: visitors take steps in turn, what was made lately is kept, and a network may explode."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np

TURN = threading.Lock()  # numpy uses all cores: visitors take steps in turn
# A network that explodes is shown, not warned of. Around each call: a generator may go on in another thread.
quiet = np.errstate(over="ignore", invalid="ignore")


class Lately:
    """The ends of what went on lately, for whoever asks for the same again."""

    def __init__(self, most: int):
        self._most, self._ends = most, dict[Hashable, Any]()

    def go(self, key: Hashable, begin: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        """Yield what an iterator does that is begun now; of one that ended lately only the last."""
        if (end := self._ends.get(key)) is not None:
            yield end
            return
        for last in begin():
            yield last
        while len(self._ends) >= self._most:
            self._ends.pop(next(iter(self._ends)), None)
        self._ends[key] = last


DIVERGED = "The loss has risen instead of falling: the learning rate is too high for this network."


def diverged(first: Sequence[float], last: Sequence[float]) -> bool:
    """Whether the loss is no number any more, or has ended, in the mean, far above where it began."""
    end = float(np.mean(last))
    return not np.isfinite(end) or end > 2 * float(np.mean(first))
