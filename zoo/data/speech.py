"""Spoken words of both sets, 'fsdd' and 'wake_words': 4,263 recordings to learn from and 602 to test by, 8 kHz. Words and speakers are not told."""

from functools import lru_cache
from hashlib import sha256

import numpy as np

from zoo.data import Provenance, fsdd, wake_words
from zoo.data.spoken import UNKNOWN, Clips

PARTS = (fsdd, wake_words)
PROVENANCE = Provenance(
    title="Spoken digits and wake words: " + ", ".join(part.PROVENANCE.title for part in PARTS),
    hub_id="speech",
    license="each part's own: " + "; ".join(f"{part.PROVENANCE.title}: {part.PROVENANCE.license}" for part in PARTS),
    source="The data sets fsdd and wake_words",
    citation="; ".join(part.PROVENANCE.citation for part in PARTS),
    weights_license=fsdd.PROVENANCE.weights_license,
    files=tuple(file for part in PARTS for file in part.PROVENANCE.files),
    size=sum(part.PROVENANCE.size for part in PARTS),
)
SHA256 = sha256("".join(part.SHA256 for part in PARTS).encode()).hexdigest()


@lru_cache(maxsize=2)
def load(split: str) -> Clips:
    """Return the 'train' or 'test' recordings; errors as those of the parts."""
    parts = [part.load(split) for part in PARTS]
    unknown = np.full(sum(map(len, parts)), UNKNOWN)
    return Clips(tuple(x for part in parts for x in part.waveforms), unknown, unknown)
