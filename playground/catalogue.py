"""The checkpoints as demos use them: models and cards, read once for all visitors; which of them do what."""

import inspect
from functools import lru_cache

import torch
from torch import nn

import zoo
from zoo.checkpoint import family

# A server answers many people at once, and networks this small gain nothing from more threads.
torch.set_num_threads(1)


@lru_cache(maxsize=32)
def load(name: str) -> nn.Module:
    """Return a checkpoint's model, loaded once for all visitors."""
    with torch.inference_mode(False):  # whoever comes first may be in it, and others want gradients
        return zoo.load(name)


@lru_cache(maxsize=64)
def card(name: str) -> zoo.Card:
    """Return a checkpoint's card, read once."""
    return zoo.card(name)


@lru_cache(maxsize=1)
def conditional() -> list[str]:
    """Return the models at hand that draw a digit of a chosen label from one short code."""
    return [name for name in labelled() if "latent" in card(name).config]


@lru_cache(maxsize=1)
def labelled() -> list[str]:
    """Return the models at hand that draw a digit of a chosen label."""
    names = []
    for name in zoo.names():
        sample = getattr(family(name).Model, "sample", None)
        if sample and "label" in inspect.signature(sample).parameters and card(name).training["data"] == "mnist":
            names.append(name)
    return names
