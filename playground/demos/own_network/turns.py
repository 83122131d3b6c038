"""What all training here shares: visitors take steps in turn, what was made lately is kept, and a network may explode."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np

from playground.memory import results

TURN = threading.Lock()  # numpy uses all cores: visitors take steps in turn
# A network that explodes is shown, not warned of. Around each call: a generator may go on in another thread.
quiet = np.errstate(over="ignore", invalid="ignore")


def lately(key: Hashable, begin: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Yield what an iterator does that is begun now; of one that ended lately, and is still kept, only the last."""
    if (end := results.find(key)) is not None:
        yield end
        return
    for last in begin():
        yield last
    results.keep(key, last)


DIVERGED = "The loss has risen instead of falling: the learning rate is too high for this network."


def diverged(first: Sequence[float], last: Sequence[float]) -> bool:
    """Whether the loss is no number any more, or has ended, in the mean, far above where it began."""
    end = float(np.mean(last))
    return not np.isfinite(end) or end > 2 * float(np.mean(first))
