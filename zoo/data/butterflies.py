"""Butterflies: pictures of butterflies and some moths on white, with silhouettes, from four sources.

One parquet file a size, `butterflies-128.parquet` and `butterflies-256.parquet`. There is no public download
of the assembled files: each row's source, licence as stated, repository and path are in it.
"""

import io
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from PIL import Image

from zoo.data import DataNotFound, Provenance, check, content, find, remedy, sha256
from zoo.files import trains

PROVENANCE = Provenance(
    title="Butterflies from four sources",
    hub_id="butterflies",
    license="other: per source; most of it for research and learning only",
    source=(
        "papilionidae-mnhn (no licence stated, research data, Zenodo 10.5281/zenodo.7665032); kaggle100 (web photos, said to be "
        "CC0, not verified); leeds (Wang, Markert, Everingham, BMVC 2009: learning use only); heliconius-cambridge (CC BY 4.0)"
    ),
    citation=(
        "Puissant et al., Zenodo 10.5281/zenodo.7665032; Wang, Markert, Everingham: Learning models for object recognition "
        "from natural language descriptions, BMVC 2009; Butterfly Genetics Group, University of Cambridge, Zenodo"
    ),
    weights_license="other",
    files=("butterflies-128.parquet", "butterflies-256.parquet"),
    size=81_003_563,
)
NOUN = "specimens"
CHANNELS, SIZES, GROUND = 3, (64, 128, 256), (1.0, 1.0, 1.0)
RADIUS = None
JUDGE = "judge.butterflies"
KINDS = 856  # species, forms and views among the clean training specimens of 128 pixels
SHA256 = {
    "128": "9808e0a53ce23beb3f5f7a2b08b1683605825997e71b9ca60c7f7da7c93dd11c",
    "256": "a03138e5254ba3b54784e8aac57ed7133a432483852878016ea822e3226ea2ef",
}
FAMILIES = {
    "swallowtail": ("machaon", "polyxenes", "glaucus", "zelicaon"),
    "birdwing": ("Ornithoptera", "Troides", "Trogonoptera"),
    "windmill": ("Byasa", "Atrophaneura", "Parides"),
    "swordtail": ("Graphium",),
    "longwing": ("Zebra Long Wing", "Heliconius"),
    "monarch": ("Danaus plexippus",),
    "apollo": ("Parnassius", "APPOLLO"),
    "moon moth": ("LUNA MOTH", "COMET MOTH"),
}


@dataclass(frozen=True)
class Butterflies:
    """Rows of one split, in the file's order."""

    images: np.ndarray
    """(N, size, size, 3) uint8, on white"""
    masks: np.ndarray
    """(N, size, size) uint8, 255 inside the silhouette"""
    kinds: np.ndarray
    """(N,) str: species, form and view as 'species|form|view'"""
    sources: np.ndarray
    """(N,) str"""
    symmetry: np.ndarray
    """(N,) float32: how well the left half mirrors the right, 1 exactly"""

    @cached_property
    def sha256(self) -> str:
        """Hash of all that a training sees of them."""
        return sha256(self.images, self.masks, self.kinds, self.symmetry)


def load(split: str, size: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """Load one split of one size as pictures (N, size, size, 3) uint8 and the numbers of their kinds (N,) int64, as `numbers` gives them.

    Raises:
        DataNotFound, DataDamaged, ValueError: as `specimens`.
    """
    found = specimens(split, size)
    return found.images, numbers(found.kinds)


@lru_cache(maxsize=2)
def specimens(split: str, size: int = 256, *, clean: bool = True) -> Butterflies:
    """Load one split of one size.

    Args:
        split: 'train' or 'test'.
        size: 128 (5,328 rows in all), 256 (4,047; no Heliconius), or 64, made of the pictures of 128.
        clean: only rows of quality 1 in spread pose.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`.
        DataDamaged: the file cannot be read, or its sha256 is another.
        ValueError: the split or size is unknown.
    """
    check(split, size, SIZES)
    stored = max(size, 128)
    path = find(f"butterflies-{stored}.parquet")
    if not path:
        own = ", or train on pictures of your own with --images FOLDER" if trains() else ""
        raise DataNotFound(f"{remedy('butterflies')}{own}")
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise DataNotFound("reading butterflies needs pyarrow: pip install 'pocket-zoo[train]'") from error
    table = pyarrow.parquet.read_table(io.BytesIO(content(path, PROVENANCE, SHA256[str(stored)])))
    rows = [
        row
        for row in table.to_pylist()
        if row["split"] == split and (not clean or (row["quality"] == 1 and row["pose"] == "spread"))
    ]
    return Butterflies(
        images=np.stack([_decode(row["jpeg"], "RGB", size) for row in rows]),
        masks=np.stack([_decode(row["mask_png"], "L", size) for row in rows]),
        kinds=np.array(["|".join(row[key] or "" for key in ("species", "form", "view")) for row in rows]),
        sources=np.array([row["source"] for row in rows]),
        symmetry=np.array([row["symmetry"] for row in rows], np.float32),
    )


@lru_cache(maxsize=1)
def kind_names() -> np.ndarray:
    """Return the kinds that the training specimens have, (KINDS,) in order.

    Raises:
        DataNotFound: as `specimens`.
    """
    names = np.unique(specimens("train", 128).kinds)
    if len(names) != KINDS:
        raise ValueError(f"the training specimens have {len(names)} kinds, not {KINDS}: set zoo.data.butterflies.KINDS")
    return names


def numbers(kinds: np.ndarray) -> np.ndarray:
    """Return each kind's place among `kind_names` (N,) int64, -1 for a kind that is not there."""
    names = kind_names()
    place = np.searchsorted(names, kinds).clip(max=len(names) - 1)
    return np.where(names[place] == kinds, place, -1)


def _decode(picture: bytes, mode: str, size: int) -> np.ndarray:
    with Image.open(io.BytesIO(picture)) as file:
        return np.asarray(file.convert(mode).resize((size, size), Image.Resampling.BOX))
