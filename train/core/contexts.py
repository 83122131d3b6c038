"""How much of what stands before a model of characters uses: its surprisal by how many of them it is shown."""

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from zoo.tables import Column, Plot, Table
from zoo.writing import Writes

LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
PLACES, TOGETHER = 4000, 250


@torch.inference_mode()
def by_context(shown: Callable[[int], Writes], text: str) -> Table:
    """Show more and more of what stands before the same places of a text, evenly spread; nothing is remembered from before that.

    Args:
        shown: the model that is shown so many characters: always the same, but of counts, which are for one number of them.
    """
    x = shown(LENGTHS[-1]).encode(text)
    longest = min(LENGTHS[-1], len(x) // 2)
    places = torch.from_numpy(np.linspace(longest, len(x) - 1, min(PLACES, len(x) - longest)).astype(int))
    rows = []
    for length in (n for n in LENGTHS if n <= longest):
        model, before = shown(length), torch.arange(-length, 0)
        found = [
            F.cross_entropy(model.following(x[part[:, None] + before]), x[part], reduction="none")
            for part in places.split(TOGETHER)
        ]
        rows.append((float(length), float(torch.cat(found).mean()) / math.log(2)))
    columns = (Column("characters shown", format=".0f"), Column("surprisal", "bits", ".3f"))
    return Table(
        "By context", f"Surprisal of {len(places):,} characters of the test part, by how many before them the model is shown.",
        columns, tuple(rows), (Plot("lines", ("characters shown", "surprisal"), "characters shown", "bits per character", log=True),),
    )  # fmt: skip
