"""From what probability of its own kind a text is doubted, and how many are."""

import numpy as np
import torch

from train.core.reading import Folds
from zoo.data import kinds, speeches
from zoo.models.classical_text import ClassicalText
from zoo.tables import Column, Table

LOST = 0.01  # share of a kind's own texts that may be doubted


def _certain(folds: Folds) -> tuple[np.ndarray, np.ndarray]:
    """Return class probabilities (N, 4) of all texts, each by a model that had not seen it, and their labels (N,)."""
    logits, y = (np.concatenate(part) for part in zip(*folds, strict=True))
    return torch.from_numpy(logits).softmax(1).numpy(), y


def familiar(folds: Folds) -> dict[str, float]:
    """Return for each data set the probability of its kind that all but one in a hundred of its own texts exceed."""
    p, y = _certain(folds)
    return {
        part.__name__.rpartition(".")[2]: float(np.quantile(p[y == i, i], LOST))
        for i, part in enumerate(kinds.OF.values())
    }


def strange(model: ClassicalText, folds: Folds) -> Table:
    """Lay out the share of texts of each kind that are doubted where another kind is expected."""
    p, y = _certain(folds)
    given = {name: p[y == i] for i, name in enumerate(kinds.CLASSES)}
    unmet = kinds.sentences(speeches.load("test"))
    given["presidents' addresses"] = model.classify(unmet).numpy()
    asked = familiar(folds).values()
    rows = tuple(
        (name, float(len(part)), *(100 * float((part[:, k] < t).mean()) for k, t in enumerate(asked)))
        for name, part in given.items()
    )
    columns = (
        Column("given"), Column("n", format=",.0f"), *(Column(f"doubted as {name}", "%", ".1f") for name in kinds.OF)
    )  # fmt: skip
    return Table(
        "Doubted",
        "A reader's verdict is doubted where the probability of its own kind of text is lower than that of all but one in a hundred of its "
        "own. How many texts of each kind are, each by a model that had not seen it: something else are sentences of Shakespeare and Wells, "
        "and of presidents' addresses no model had seen any.",
        columns, rows,
    )  # fmt: skip
