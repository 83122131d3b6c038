"""The checkpoints as demos use them: models and cards, read once for all visitors; which of them do what."""

from functools import cache, lru_cache
from typing import Any

import numpy as np
import torch

import zoo
from playground.memory import loaded, remembered
from zoo import data
from zoo.data.lines import Lines

# A server answers many people at once, and networks this small gain nothing from more threads.
torch.set_num_threads(1)


@loaded
def load(name: str) -> Any:
    """Return a checkpoint's model, of its family's own class, loaded once for all visitors."""
    with torch.inference_mode(False):  # whoever comes first may be in it, and others want gradients
        return zoo.load(name)


@remembered
def card(name: str) -> zoo.Card:
    """Return a checkpoint's card, read once."""
    return zoo.card(name)


@remembered
def learnt(name: str) -> np.ndarray:
    """Return the hashes of all stretches of the text that a model learnt from, or of its lines, those of the test too: see `zoo.copies`.

    Of several models of a text one keeps them for all.

    Raises:
        LookupError: none keeps them.
    """
    data = card(name).training["data"]
    for one in (name, *(other for other in zoo.names() if card(other).training["data"] == data)):
        if "known" in (kept := zoo.extras(one)):
            return kept["known"].numpy()
    raise LookupError(f"no checkpoint keeps what {name} learnt from")


def doing(task: str, makes: str, data: str = "") -> list[str]:
    """Return the models at hand whose family does a task and makes such things, such as 'generate' and 'picture'; of one data set where it is given."""
    return [
        name
        for name in zoo.names()
        if (task, makes) == (card(name).declared.TASK, card(name).declared.MAKES)
        and data in ("", card(name).training["data"])
    ]


@lru_cache(maxsize=1)
def labelled() -> list[str]:
    """Return the models at hand that draw a digit of a chosen label."""
    return [name for name in doing("generate", "picture", "mnist") if "label" in card(name).declared.TAKES]


@lru_cache(maxsize=1)
def conditional() -> list[str]:
    """Return the models at hand that decode a short z and a label to a digit."""
    return [name for name in labelled() if "latent" in card(name).declared.TAKES]


@cache
def learnt_lines(source: str) -> bool:
    """Return whether a data set, or what a trainer gave, holds lines, such as names."""
    return source == "lines" or (source in data.names() and isinstance(data.module(source), Lines))
