"""Wake words: 1,865 recordings of six words by more than fifty speakers, who are not named; 8 kHz, trimmed to the word.

Takes that are alike share a group, and a group is in one split. "alexa" was recorded differently from the others, so that its background alone
gives it away: what is measured of it is told apart.
"""

from functools import lru_cache
from hashlib import sha256

from zoo.data import Provenance, remedy, spoken
from zoo.data.spoken import UNKNOWN, Clips

PROVENANCE = Provenance(
    title="Wake words",
    hub_id="wake-word-benchmark",
    license="Apache-2.0 (the repository's; nothing is said of the recordings)",
    source="Picovoice/wake-word-benchmark (GitHub, commit 84919190), folder audio; near-copies taken out, 16 to 8 kHz, trimmed to the word",
    citation="Picovoice: Wake word benchmark, 2018",
    files=("speech-words.parquet",),
    size=11_199_987,
)
SHA256 = "94cc5d034d09d876c12ecfb713d34e4ffff84a246e2c7db8ee0090c2091671ab"
CLASSES = ("alexa", "computer", "jarvis", "smart mirror", "snowboy", "view glass")
SPEAKERS: tuple[str, ...] = ()
LISTENERS = {"word": "listener.words"}
VOCODER = "vocoder.speech"
APART = "alexa"
SIXTHS = 6  # the share of the groups that is kept for the test, one in so many


@lru_cache(maxsize=2)
def load(split: str) -> Clips:
    """Return the 'train' or 'test' recordings; errors as `zoo.data.spoken.read`."""
    return spoken.read(
        split, PROVENANCE, SHA256, remedy("wake_words"), lambda row: (held(row["word"], row["group"]), CLASSES.index(row["word"]), UNKNOWN)
    )  # fmt: skip


def held(word: str, group: int) -> bool:
    """Return whether a group of takes is in the test split, by a hash."""
    return int(sha256(f"{word} {group}".encode()).hexdigest(), 16) % SIXTHS == 0
