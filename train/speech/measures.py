"""What is measured of a model of addresses: their surprisal, beside what counts of characters find, and whether a reader hears the president."""

import math
from collections import Counter
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from torch import Tensor

from train.char_ngram import counted
from zoo.card import Metric
from zoo.data import speeches
from zoo.data.speeches import Address
from zoo.models.speech import Speech

CONTEXT = 512  # pieces that are read again before each part of an address, by a network without a state
PRESIDENTS, LEAST = (
    10,
    20_000,
)  # how many are told apart, and the characters that each has in the test addresses, at least
PASSAGE = 600  # characters
SAMPLES, PIECES, TEMPERATURE, GUIDANCE = 20, 200, 0.8, 2.0  # passages written for each president


def decade(year: int) -> str:
    """Return the decade of a year, as '1860'."""
    return str(year // 10 * 10)


def given(model: Speech, address: Address, *, speaker: bool = True, time: bool = True) -> Tensor:
    """Return what the network is told of an address, (options,): what it does not know is withheld."""
    told = {"speaker": address.speaker} if speaker else {}
    told |= {"decade": decade(address.year)} if time else {}
    return model.given(**{name: option for name, option in told.items() if option in model.conditions[name]})


@torch.inference_mode()
def nats(model: Speech, address: Address, told: Tensor | None) -> float:
    """Return -log p of a whole address with its end, in nats: read in one go, a state handed on, or what stood before read again."""
    x, state, total = F.pad(model.encode(address.text), (1, 1)), None, 0.0
    for i in range(0, len(x) - 1, CONTEXT):
        y = x[i + 1 : i + 1 + CONTEXT]
        if model.config.kind == "lstm":
            h, state = model.network.states(x[None, i : i + len(y)], told, state)
            logits = model.network.head(h)[0].float()
        else:
            logits = model.logits(x[None, max(0, i - CONTEXT) : i + len(y)], told)[0, -len(y) :]
        total += float(F.cross_entropy(logits, y, reduction="sum"))
    return total


def per_character(model: Speech, addresses: tuple[Address, ...], **what: bool) -> float:
    """Return the mean surprisal of a character of addresses, in bits; `what` as `given`."""
    total = sum(nats(model, one, given(model, one, **what)) for one in addresses)
    return total / math.log(2) / sum(len(one.text) for one in addresses)


@lru_cache(maxsize=2)
def by_counts(order: int) -> float:
    """Return the same of Kneser-Ney counts of so many characters in a row."""
    learnt, asked = ([one.text for one in speeches.addresses(split)] for split in ("train", "test"))
    model = counted(learnt, order, "".join(sorted(set("\n".join([*learnt, *asked])))))
    return sum(float(model.bits(text).double().sum()) for text in asked) / sum(map(len, asked))


def passages(addresses: tuple[Address, ...], speaker: str) -> list[str]:
    """Return what a president's addresses hold of whole passages."""
    texts = [one.text for one in addresses if one.speaker == speaker]
    return [text[i : i + PASSAGE] for text in texts for i in range(0, len(text) - PASSAGE + 1, PASSAGE)]


def presidents() -> list[str]:
    """Return those who are told apart: of whom most is learnt, of those of whom enough is in the test addresses."""
    learnt, asked = Counter[str](), Counter[str]()
    for split, count in (("train", learnt), ("test", asked)):
        for one in speeches.addresses(split):
            count[one.speaker] += len(one.text)
    return [speaker for speaker, _ in learnt.most_common() if asked[speaker] >= LEAST][:PRESIDENTS]


@lru_cache(maxsize=1)
def reader() -> Pipeline:
    """Return what tells presidents apart by a passage's words, fitted on the training addresses: logistic regression."""
    found = [(text, who) for who in presidents() for text in passages(speeches.addresses("train"), who)]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
    return make_pipeline(words, LogisticRegression(C=10, class_weight="balanced", max_iter=1000)).fit(
        *zip(*found, strict=True)
    )


def recognised(texts: dict[str, list[str]]) -> float:
    """Return the share of passages of which the reader names the president, in %, each president counting alike."""
    return 100 * float(np.mean([(reader().predict(own) == who).mean() for who, own in texts.items()]))


def written(model: Speech, who: str, guidance: float) -> list[str]:
    """Return passages that the model writes for a president, decade withheld."""
    given, how = model.given(speaker=who), {"temperature": TEMPERATURE, "guidance": guidance}
    return [text[:PASSAGE] for text in model.sample(SAMPLES, seed=1_000_000, length=PIECES, given=given, **how)]


def heard(model: Speech) -> list[Metric]:
    """Measure whether the reader hears the president for whom the model writes, beside passages of the test addresses."""
    said = f"logistic regression on words names the president, one of {PRESIDENTS}, where chance names {100 / PRESIDENTS:g} %"
    found = []
    for name, guidance in (("heard", GUIDANCE), ("heard_plain", 1.0)):
        texts = {who: written(model, who, guidance) for who in presidents()}
        found.append(Metric(name, recognised(texts), "%", sum(map(len, texts.values())), "samples", 2.0, f"passages of up to {PASSAGE} characters written for a president, decade withheld, at temperature {TEMPERATURE:g} and guidance {guidance:g}, of which {said}", full=True))  # fmt: skip
    real = {who: passages(speeches.addresses("test"), who) for who in presidents()}
    found.append(Metric("heard_real", recognised(real), "%", sum(map(len, real.values())), "test", 1.0, f"the same of passages of the test addresses, {PASSAGE} characters each", full=True))  # fmt: skip
    return found
