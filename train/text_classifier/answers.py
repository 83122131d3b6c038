"""What networks that read texts answer, each by itself and together, and how their answers are settled."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from zoo.models.text_classifier import TextClassifier

SETTLING = 100


@torch.no_grad()
def answers(model: TextClassifier, texts: list[str], *, padded: bool = False) -> np.ndarray:
    """Return logits (N, classes) of texts, those of a length together."""
    order = np.argsort([len(text) for text in texts])
    longest = len(model.encode(texts[order[-1]])) if padded else 0
    chunks = np.array_split(order, max(1, len(order) // 256))
    parts = [model.logits([texts[i] for i in chunk], padded=longest) for chunk in chunks]
    return torch.cat(parts)[torch.from_numpy(np.argsort(order))].numpy()


def alone(model: TextClassifier, i: int) -> TextClassifier:
    """Return a model of one of another's networks."""
    one = TextClassifier(replace(model.config, members=1))
    one.vocabulary, one.given, one.networks = model.vocabulary, model.given, nn.ModuleList([model.networks[i]])
    return one.eval()


@torch.no_grad()
def settled(model: TextClassifier, texts: list[str], y: Tensor) -> TextClassifier:
    """Shift each network's answers until texts' mean probability of each class is the share that have it.

    Words that are left out in training make what is pooled smaller than it is in reading, which leans to one class.
    """
    shares = y.bincount(minlength=model.config.classes) / len(y)
    for i, network in enumerate(model.networks):
        logits = torch.from_numpy(answers(alone(model, i), texts))
        shift = torch.zeros(len(shares))
        for _ in range(SETTLING):
            shift += shares.log() - (logits + shift).softmax(1).mean(0).log()
        network.head.bias += shift.to(network.head.bias)
    return model
