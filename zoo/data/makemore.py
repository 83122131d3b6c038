"""32,033 first names in lower case, as makemore learns and splits them (Karpathy 2022)."""

from functools import lru_cache

import numpy as np
import torch

from zoo.data import DataNotFound, Provenance, content, find, remedy

PROVENANCE = Provenance(
    title="makemore's names",
    hub_id="makemore-names",
    license="MIT, by its repository; names of the US Social Security Administration",
    source="A. Karpathy, makemore, names.txt (GitHub, commit 988aa59e)",
    citation="Karpathy: makemore, 2022",
    files=("names-makemore.txt",),
    size=228_145,
)
SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"
CONDITIONS: dict[str, tuple[str, ...]] = {}
BEGINNINGS = ("a", "jo", "s", "mar")
SEED, TEST = 3407, 1000  # makemore's, and its number of test names


@lru_cache(maxsize=2)
def load(split: str) -> tuple[list[str], np.ndarray]:
    """Return the 'train' or 'test' names, which makemore would learn and test with; nothing is known of them: (N, 0).

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`.
        DataDamaged: it is another.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    path = find(PROVENANCE.files[0])
    if path is None:
        raise DataNotFound(remedy("makemore"))
    names = [line.strip() for line in content(path, PROVENANCE, SHA256).decode().strip().splitlines()]
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(SEED)).tolist()
    found = [names[i] for i in (order[-TEST:] if split == "test" else order[:-TEST])]
    return found, np.zeros((len(found), 0), np.int64)
