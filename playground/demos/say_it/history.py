"""History by ear: the same words at many moments of a model's training."""

import numpy as np

from playground import learning
from playground.catalogue import card
from playground.components.sound import player, sound
from playground.demo import Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import heard, verdict
from playground.demos.say_it.together import Found, On
from playground.fields import Field, Values, integer
from playground.memory import remembered
from zoo.sound import BINS, PATCH


def recorded(name: str) -> bool:
    """Return whether a model's training was kept."""
    return (card(name).folder / "history.webp").exists()


def last(name: str) -> int:
    """Return the number of the last moment of a model's training; 1 where none was kept."""
    return max(1, len(learning.moments(name)) - 1) if recorded(name) else 1


def fields(names: list[str], on: On) -> dict[str, Field]:
    """Return the control: which moment."""
    most = max(map(last, names))
    return {
        "moment": integer(
            0, most, max(1, most // 2), "Moment of its training", "From noise to words", when=on("history"), end=lambda v: last(v["model"])
        )
    }  # fmt: skip


def spectrograms(name: str, moment: int) -> list[np.ndarray]:
    """Return what a model said at a moment of its training: spectrograms (128, T) in [-1, 1], without the silence after their ends."""
    tiles = learning.frames(name)[moment].reshape(-1, BINS, learning.frames(name).shape[2])
    found = []
    for tile in tiles:
        s = tile[::-1].astype(np.float32) / 127.5 - 1
        loud = np.flatnonzero(s.max(0) > -1)
        frames = int(loud[-1]) + 1 if len(loud) else PATCH
        found.append(np.ascontiguousarray(s[:, : frames + frames % PATCH]))
    return found


@remembered
def said(name: str, moment: int) -> list[speech.Said]:
    """Return what a model said at a moment, with its sound."""
    return speech.voiced(spectrograms(name, moment))


def parts(v: Values) -> Found:
    """Show what the model said at a moment of its training."""
    name, moment = v["model"], min(v["moment"], last(v["model"]))
    found, known, by = said(name, moment), speech.words(name), speech.voices(name)
    verdicts = heard(name, [one.x for one in found])
    asked = [(known[i % len(known)], by[i % len(by)]) for i in range(len(found))]
    titles = [f"{what} · {who}" if speech.several(name) else what for what, who in asked]
    shown = [sound(one.x, title, verdict(told)) for one, title, told in zip(found, titles, verdicts, strict=True)]
    step = learning.moments(name)[moment]["step"]
    right = sum(told["word"][0][0] == what for told, (what, _) in zip(verdicts, asked, strict=True) if "word" in told)
    text = f"After {step:,} steps, moment {moment} of {last(name)}: the same {len(found)} words from the same noise."
    heard_ = f" The listener hears the word in {right} of {len(found)}." if any(verdicts) else ""
    return {"told": [Words(text + heard_)], "sounds": player(shown), "after": None}
