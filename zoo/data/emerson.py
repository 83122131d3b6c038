"""Emerson's Essays, both series: 21 pieces, 736,668 characters; whole essays are kept for the test."""

from functools import lru_cache
from hashlib import sha256

from zoo.data import Provenance
from zoo.data.text import Text

PROVENANCE = Provenance(
    title="Emerson's Essays",
    hub_id="emerson-essays",
    license="public domain in the US; the edition CC0 1.0",
    source="Standard Ebooks, ralph-waldo-emerson_essays (GitHub, commit 28e3e4ee); titles in capitals, quotes and dashes in ASCII",
    citation="Emerson: Essays, first series (1841) and second series (1844)",
    files=("essays.txt",),
    size=736_714,
)
SHA256 = "1f1af6bc47160e34568a33b63d198000341ff4eea796a46fb55f2eeb124d5573"
BEGINNINGS = ("The soul ", "Nature is ", "We are ", "I ")
EIGHTHS = 8  # the share of the essays that is kept for the test, one in so many
TEXT = Text(PROVENANCE.files[0], SHA256, PROVENANCE)


def essays() -> dict[str, str]:
    """Return all essays by their titles, which are in capitals.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`.
        DataDamaged: it is another.
    """
    found: dict[str, list[str]] = {}
    for line in TEXT.read().split("\n"):
        if len(line) > 2 and line == line.upper() and line[0].isalpha():
            found[line] = []
        else:
            found[next(reversed(found))].append(line)
    return {title: f"{title}\n" + "\n".join(lines).rstrip() + "\n" for title, lines in found.items()}


def held(title: str) -> bool:
    """Return whether an essay is in the test split, by a hash."""
    return int(sha256(title.encode()).hexdigest(), 16) % EIGHTHS == 0


@lru_cache(maxsize=2)
def load(split: str) -> str:
    """Return the 'train' or 'test' essays as one text, a blank line between two; errors as `essays`."""
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    return "\n".join(text for title, text in essays().items() if held(title) == (split == "test"))
