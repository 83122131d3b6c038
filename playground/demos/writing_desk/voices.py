"""The voices of the writing desk: which models write texts, what each is called, what it can do, and for whom it writes."""

from typing import Any

from torch import Tensor

import zoo
from playground.catalogue import card, doing, learnt_lines, load
from playground.fields import Values
from zoo import writing

STYLES = {
    "char_gpt.shakespeare": "Shakespeare",
    "char_gpt.wells": "Wells",
    "char_rnn.emerson": "Emerson (LSTM)",
    "char_gpt.emerson": "Emerson (transformer)",
    "speech.lstm": "Presidents (LSTM)",
    "speech.transformer": "Presidents (transformer)",
}
COUNTS = "char_ngram"  # no network: they have a page beside the networks' of their text
STEPS, TWIN = "-basic", "-overfit"  # variants that are there to be compared with another
ANY = "any"  # a condition that is withheld
OPEN = {"speaker": "Anyone", "decade": "any time"}
Told = tuple[tuple[str, str], ...]
"""what is written for: an option of each condition that is not withheld"""


def models() -> list[str]:
    """Return the models at hand that write texts, the repository's own first.

    Raises:
        zoo.CheckpointNotFound: there is none.
    """
    found = [name for name in doing("generate", "text") if voiced(name)]
    if not found:
        raise zoo.CheckpointNotFound(
            "no model that writes texts is at hand: restore checkpoints/, or train one: python -m train.char_gpt"
        )
    order = [*STYLES]
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))


def voiced(name: str) -> bool:
    """Return whether a model that writes is a voice: it learnt a text, and is no step on the way to another."""
    held = card(name)
    return held.family != COUNTS and not name.endswith((STEPS, TWIN)) and not learnt_lines(held.training["data"])


def style(name: str) -> str:
    """Return whom a model writes like."""
    return STYLES.get(name, name.split(".", 1)[1])


def spelt(name: str) -> bool:
    """Return whether a model writes characters, not pieces of words."""
    return not hasattr(card(name).declared.Model, "tokenizer")


def looks(name: str) -> bool:
    """Return whether it can be told where a model looks."""
    return hasattr(card(name).declared.Model, "attention")


def twin(name: str) -> str | None:
    """Return the same network trained until it repeats what it learnt, where one is at hand."""
    other = name + TWIN
    return other if other in zoo.names() else None


def twins(names: list[str]) -> list[str]:
    """Return the twins at hand of some voices."""
    return [other for name in names if (other := twin(name))]


# --- whom a model writes for ---


def conditions(name: str) -> dict[str, tuple[str, ...]]:
    """Return a model's conditions that the page has fields for: options by name."""
    return {
        key: known for key, known in writing.conditions(card(name).config.get("conditions", "")).items() if key in OPEN
    }


def options(condition: str, names: list[str]) -> list[str]:
    """Return all options of a condition, of whichever of some voices."""
    return list(dict.fromkeys(one for name in names for one in conditions(name).get(condition, ())))


def told(v: Values, name: str = "", side: str = "") -> Told:
    """Return what a voice, or the chosen one, is asked to write for; `side` is '2' for the second of two side by side."""
    there = conditions(name or v["model"])
    return tuple((key, v[key + side]) for key, known in there.items() if v[key + side] in known)


def given(name: str, for_: Told) -> dict[str, Tensor]:
    """Return the argument `given` of a model's methods; none where nothing is told."""
    return {"given": load(name).given(**dict(for_))} if for_ else {}


def named(for_: Told) -> str:
    """Return in words whom a voice writes for, such as 'Abraham Lincoln, 1860s'."""
    chosen: dict[str, Any] = dict(for_)
    return ", ".join(called(key, chosen[key]) if key in chosen else said for key, said in OPEN.items())


def called(condition: str, option: str) -> str:
    """Return what an option of a condition is called."""
    return f"{option}s" if condition == "decade" else option
