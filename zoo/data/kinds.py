"""What kind of text it is: short messages, film reviews, news or something else, to doubt what a reader says of another kind than its own.

The first three are the texts of 'sms', 'sentiment' and 'agnews'; something else are sentences of plays and novels.
"""

import re
from functools import lru_cache
from hashlib import sha256

import numpy as np

from zoo.data import Provenance, agnews, sentiment, shakespeare, sms, wells
from zoo.data.labelled import FOLDS, Rows
from zoo.data.labelled import rows as split

OF = {"message": sms, "film review": sentiment, "news": agnews}
ELSE = (shakespeare, wells)
ALL = (*OF.values(), *ELSE)
CLASSES = (*OF, "something else")
NOUN = "texts"
SHORTEST, LONGEST, MOST = 20, 300, 5000  # characters of a sentence, and sentences of a book
PROVENANCE = Provenance(
    title="Four kinds of text: SMS Spam Collection, Cornell sentence polarity, AG News; plays of Shakespeare, novels of Wells",
    hub_id="kinds",
    license="each part's own: " + "; ".join(f"{part.PROVENANCE.title}: {part.PROVENANCE.license}" for part in ALL),
    source="The data sets sms, sentiment, agnews, shakespeare and wells",
    citation="; ".join(part.PROVENANCE.citation for part in ALL),
    weights_license="other",
    files=tuple(file for part in ALL for file in part.PROVENANCE.files),
    size=sum(part.PROVENANCE.size for part in ALL),
)
SHA256 = sha256("".join(part.SHA256 for part in ALL).encode()).hexdigest()


def sentences(text: str) -> list[str]:
    """Return sentences of a book, of 20 to 300 characters, at most 5,000, which a hash chooses; names in capitals before speeches are out."""
    text = re.sub(r"(?m)^[A-Z][\w ]*:$", "", text).replace("\n", " ")
    found = {s.strip() for s in re.split(r"(?<=[.!?])['\"]?\s+", text)}
    fitting = [s for s in found if SHORTEST <= len(s) <= LONGEST]
    return sorted(fitting, key=lambda s: sha256(s.encode()).hexdigest())[:MOST]


@lru_cache(maxsize=1)
def messages() -> Rows:
    """Return all texts; errors as those of the parts."""
    pairs = [(text, i) for i, part in enumerate(OF.values()) for text in part.messages().texts]
    pairs += [(text, len(OF)) for book in ELSE for text in sentences(book.load("train") + book.load("test"))]
    return split(pairs, FOLDS)


@lru_cache(maxsize=2)
def load(name: str) -> tuple[list[str], np.ndarray]:
    """Return the 'train' or 'test' texts, and labels (N,) int64."""
    found = messages()
    return found.part((found.folds == 0) == (name == "test"))
