"""What is measured of a model of names: does it know a gender by the name, is one heard in the names that it makes, are these new and plausible."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from train.char_ngram import counted
from train.char_rnn.measures import likelihoods, weights
from zoo.card import Metric
from zoo.data import first_names
from zoo.models.char_rnn import CharRNN

GENDERS, ORIGINS = first_names.CONDITIONS.values()
SAMPLES, TEMPERATURE, LONGEST = 1000, 0.8, 24  # names of each gender and origin
PLAUSIBLE = 0.99  # share of real names that pass as plausible
ORDER = 5


def recognised(model: CharRNN, lines: list[str], known: np.ndarray) -> np.ndarray:
    """Return the gender that each name has by Bayes' rule, (N,): log p(name | gender, origin) + log p(gender | origin), the origin known."""
    _, learnt = first_names.load("train")
    shares = np.array([np.bincount(learnt[learnt[:, 1] == o, 0]) / (learnt[:, 1] == o).sum() for o in (0, 1)])
    genders = [np.full(len(lines), g) for g in range(len(GENDERS))]
    told = [weights(model, np.stack([g, known[:, 1]], 1)) for g in genders]
    found = torch.stack([likelihoods(model, lines, given) for given in told], 1).numpy() + np.log(shares[known[:, 1]])
    return found.argmax(1)


@lru_cache(maxsize=2)
def listener(origin: int) -> Pipeline:
    """Return what tells genders of an origin's names apart by their letters, fitted on the training names: logistic regression."""
    lines, known = first_names.load("train")
    rows = np.flatnonzero(known[:, 1] == origin)
    letters = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4), binary=True)
    return make_pipeline(letters, LogisticRegression(max_iter=1000)).fit([lines[i] for i in rows], known[rows, 0])


def gender(model: CharRNN) -> list[Metric]:
    """Measure on test names, of which none is in training, whether the gender is known by the name; beside logistic regression on letters."""
    lines, known = first_names.load("test")
    found, often = recognised(model, lines, known), first_names.births("test") >= first_names.OFTEN
    measured = []
    for o, origin in enumerate(ORIGINS):
        rows = np.flatnonzero(known[:, 1] == o)
        heard = np.zeros(len(lines), np.int64)
        heard[rows] = listener(o).predict([lines[i] for i in rows])
        parts = [("", rows, "test names")] + [
            ("_often", rows[often[rows]], f"those given {first_names.OFTEN} times or more")
        ] * (o == 0)
        for more, part, which in parts:
            score = lambda x, part=part: 100 * float((x[part] == known[part, 0]).mean())  # noqa: E731
            measured += [
                Metric(f"gender_{origin}{more}", score(found), "%", len(part), "test", 0.3, f"{which} of {origin} whose gender is the likelier by Bayes' rule"),
                Metric(f"gender_{origin}{more}_letters", score(heard), "%", len(part), "test", 0.3, "the same by logistic regression on runs of one to four letters"),
            ]  # fmt: skip
    return measured


def made(model: CharRNN, gender: str, origin: str, n: int = SAMPLES) -> list[str]:
    """Return names that the model makes, without those that do not end."""
    told = model.given(gender=gender, origin=origin)
    written = model.sample(n, seed=1_000_000, length=LONGEST, given=told, temperature=TEMPERATURE)
    return [text.split("\n")[0] for text in written if "\n" in text]


def heard(model: CharRNN) -> list[Metric]:
    """Measure names that the model makes: whether the listener hears the gender, how many are new, and of these plausible."""
    measured = []
    for o, origin in enumerate(ORIGINS):
        names = {gender: made(model, gender, origin) for gender in GENDERS}
        agreed = np.concatenate([listener(o).predict(found) == g for g, found in enumerate(names.values())])
        said = f"{SAMPLES:,} names of each gender, {origin}, at temperature {TEMPERATURE:g}"
        measured.append(Metric(f"heard_{origin}", 100 * float(agreed.mean()), "%", len(agreed), "samples", 0.5, f"{said}: gender as logistic regression on letters hears it", full=True))  # fmt: skip
        if o == 0:
            every = [name for found in names.values() for name in found if name]
            new = [name for name in every if name not in first_names.every()]
            measured += [
                Metric("new", 100 * len(new) / len(every), "%", len(every), "samples", 0.5, "of these, names that are nowhere in the file, not among rare ones and those of both genders either", full=True),
                Metric("plausible", 100 * float((surprising(new) <= limit()).mean()), "%", len(new), "samples", 0.5, f"of the new ones, names whose letters surprise a Kneser-Ney {ORDER}-gram model of the training names no more, in the mean, than those of {100 * PLAUSIBLE:g} % of the test names do", full=True),
            ]  # fmt: skip
    return measured


@lru_cache(maxsize=1)
def _grams() -> Any:
    return counted([f"{name}\n" for name in first_names.load("train")[0]], ORDER, "\nabcdefghijklmnopqrstuvwxyz")


def surprising(names: list[str]) -> np.ndarray:
    """Return the mean surprisal of each name's letters and end to the n-gram model, in bits."""
    return np.array([float(_grams().bits(f"{name}\n").mean()) for name in names])


@lru_cache(maxsize=1)
def limit() -> float:
    """Return how surprising a name may be to be plausible, in bits a letter."""
    return float(np.quantile(surprising(first_names.load("test")[0]), PLAUSIBLE))
