"""Real or made? A recording that the model was not trained on beside the same word in the same voice, made; and the score."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from playground.components.sound import player, sound
from playground.demo import Button, Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import alone, asked, heard, verdict
from playground.demos.say_it.together import Found, On
from playground.fields import Field, Values, kept
from zoo.data import DataDamaged, DataNotFound
from zoo.nn import MAX_SEED
from zoo.sound import HOP, RATE, ended, levelled


@dataclass(frozen=True)
class Pair:
    """A word twice."""

    sounds: tuple[np.ndarray, np.ndarray]
    """(N,) each"""
    real: int
    """which of them is a recording: 0 or 1"""
    said: str
    """what both say"""


def pair(for_: speech.Asked) -> Pair:
    """Return a recording of the test part and what the model makes of the same word and voice; the seed decides both.

    Errors are those of `speech.recordings`.
    """
    clips = speech.recordings(for_.name, "test")
    rng = np.random.default_rng(for_.seed)
    at = int(rng.integers(len(clips)))
    word, who = speech.words(for_.name)[clips.words[at]], clips.speakers[at]
    voice = speech.voices(for_.name)[max(0, who)]
    x = torch.from_numpy(clips.waveforms[at].copy())[None]
    (real,) = ended(x, torch.tensor([1 + x.shape[1] // HOP]))
    made = speech.spoken(for_, (alone(word),), (alone(voice),))[0].x
    both = (real.numpy()[: int(1.2 * RATE)], levelled(made))  # none louder
    turned = int(rng.integers(2))
    said = f"{word} · {voice}" if speech.several(for_.name) else word
    return Pair(both[::-1] if turned else both, turned, said)


@dataclass(frozen=True)
class Score:
    """How often the recording was found."""

    pair: int = 0
    """how many pairs are done with"""
    asked: int = 0
    right: int = 0
    guess: int | None = None
    """at the present pair"""
    of: speech.Asked | None = None
    """what the pair of the guess was made by"""


def fields() -> dict[str, Field]:
    """Return what is kept: the score."""
    return {"score": kept()}


def score(v: Values) -> Score:
    """Return the score, with the guess if it was at the present pair."""
    found = v["score"] or Score()
    for_ = asked(v)
    now = for_._replace(seed=(for_.seed + found.pair) % (MAX_SEED + 1))
    return replace(found, of=now, guess=found.guess if found.of == now else None)


def parts(v: Values) -> Found:
    """Ask which of two sounds is a recording; after a guess tell it, with what a listener hears in each."""
    found = score(v)
    try:
        two = pair(found.of)
    except (DataNotFound, DataDamaged) as error:
        return {"told": [Words(f"There is nothing to compare with: {error}", quiet=True)], "sounds": {}, "after": None}
    ask = f"**{two.said}**, twice: once recorded from a person, once made by the model. Listen to both, then say which is real."
    if found.guess is None:
        shown = [sound(x, name) for x, name in zip(two.sounds, ("The first", "The second"), strict=True)]
        return {"told": [Words(ask)], "sounds": player(shown), "after": None}
    verdicts = heard(found.of.name, two.sounds)
    names = ["A recording" if i == two.real else "Made by the model" for i in (0, 1)]
    shown = [sound(x, name, verdict(told)) for x, name, told in zip(two.sounds, names, verdicts, strict=True)]
    said = "Right" if found.guess == two.real else "Wrong"
    return {
        "told": [Words(ask)],
        "sounds": player(shown),
        "after": [Words(f"**{said}.** {found.right} of {found.asked} so far.")],
    }


def guesses(on: On) -> Callable[[Values], dict[str, str]]:
    """Return what says which guesses there are now."""

    def options(v: Values) -> dict[str, str]:
        if not on("quiz")(v) or score(v).guess is not None:
            return {}
        try:
            pair(score(v).of)
        except (DataNotFound, DataDamaged):
            return {}
        return {"0": "The first", "1": "The second"}

    return options


def guessed(v: Values, option: str) -> Values:
    """Count a guess."""
    found = score(v)
    right = int(option) == pair(found.of).real
    return {"score": replace(found, guess=int(option), asked=found.asked + 1, right=found.right + right)}


def another(v: Values, option: str) -> Values:
    """Go to the next pair."""
    return {"score": replace(score(v), pair=score(v).pair + 1, guess=None)}


def buttons(on: On) -> dict[str, Button]:
    """Return what may be pressed."""
    return {
        "guess": Button("Which one is real?", guessed, options=guesses(on)),
        "another": Button("Another pair", another, when=lambda v: on("quiz")(v) and score(v).guess is not None),
    }
