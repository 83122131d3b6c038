"""Free Spoken Digit Dataset: 3,000 recordings of ten digits by six speakers, 8 kHz; the test split is the official one."""

from functools import lru_cache

from zoo.data import Provenance, remedy, spoken
from zoo.data.spoken import Clips

PROVENANCE = Provenance(
    title="Free Spoken Digit Dataset",
    hub_id="free-spoken-digit-dataset",
    license="CC BY-SA 4.0",
    source="Jakobovski/free-spoken-digit-dataset (GitHub, commit 26eb9aaf)",
    citation="Jackson, Souza, Flaks, Pan, Nicolas, Thite: Free Spoken Digit Dataset, 2018, doi:10.5281/zenodo.1342401",
    weights_license="cc-by-sa-4.0",
    files=("fsdd.parquet",),
    size=12_993_581,
)
SHA256 = "4fbcf883ea95b85c0d322c3bba3c5ff03eb8bccb7fc9604d8a8d666ce3f6e2c9"
CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
LISTENERS = {"word": "listener.digits", "voice": "listener.speakers"}
VOCODER = "vocoder.speech"
OFFICIAL = 5  # of each digit and speaker, the first so many recordings are the test split


@lru_cache(maxsize=2)
def load(split: str) -> Clips:
    """Return the 'train' (2,700) or 'test' (300) recordings; errors as `zoo.data.spoken.read`."""
    return spoken.read(
        split, PROVENANCE, SHA256, remedy("fsdd"), lambda row: (row["index"] < OFFICIAL, int(row["digit"]), SPEAKERS.index(row["speaker"]))
    )  # fmt: skip
