"""Spoken words that a model makes: which models there are, what is asked of them, how it sounds, and what a listener hears."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

import zoo
from playground.catalogue import card, doing, load
from playground.fields import Values
from playground.memory import remembered
from zoo import data
from zoo.data import DataNotFound
from zoo.data.spoken import Clips
from zoo.sound import PATCH, ended, higher

FLOW = "audio_flow"
KINDS = {FLOW: "flow", "audio_idvae": "IDVAE"}
SETS = {"digits": "Digits", "words": "Wake words"}
VOCODER = "vocoder.speech"
LISTENER, JUDGE = "listener.", "-judge"  # who hear, and those of them who took no part in training what they judge
Mix = tuple[tuple[str, float], ...]
"""shares of words, or of voices, by name: they add up to 1"""


def models() -> list[str]:
    """Return the models at hand that speak, the repository's own first.

    Raises:
        zoo.CheckpointNotFound: there is none, or no vocoder.
    """
    found = [name for name in doing("generate", "sound") if card(name).family in KINDS]
    if not found or VOCODER not in zoo.names():
        raise zoo.CheckpointNotFound(
            "no model that speaks is at hand: restore checkpoints/, or train them: python -m train.audio_flow digits, python -m train.vocoder speech"
        )

    def place(name: str) -> tuple[int, int]:
        sets, kinds = [*SETS], [*KINDS]
        variant = name.split(".", 1)[1]
        return sets.index(variant) if variant in sets else len(sets), kinds.index(card(name).family)

    return sorted(found, key=place)


def title(name: str) -> str:
    """Return what a model is called."""
    family, variant = name.split(".", 1)
    return f"{SETS.get(variant, variant)}, {KINDS[family]}"


def words(name: str) -> list[str]:
    """Return the words that a model knows."""
    return card(name).config["words"].split("|")


def voices(name: str) -> list[str]:
    """Return the voices that a model has, at least one."""
    return card(name).config["voices"].split("|")


def several(name: str) -> bool:
    """Return whether a model has voices to choose from."""
    return len(voices(name)) > 1


def is_flow(name: str) -> bool:
    """Return whether a model is a flow, which can be guided."""
    return card(name).family == FLOW


def other_kind(name: str) -> str | None:
    """Return the model of another kind that learnt the same words, where one is at hand."""
    return next((one for one in models() if one != name and one.split(".", 1)[1] == name.split(".", 1)[1]), None)


def word(v: Values, field: str = "word") -> str:
    """Return the word that a field holds; the model's first where it knows no such word."""
    known = words(v["model"])
    return v[field] if v[field] in known else known[0]


def voice(v: Values, field: str = "voice") -> str:
    """Return the voice that a field holds; the model's first where it has no such voice."""
    known = voices(v["model"])
    return v[field] if v[field] in known else known[0]


class Asked(NamedTuple):
    """What decides how words are said."""

    name: str
    seed: int = 1
    wild: float = 1.0
    """times what the model was measured at"""
    longer: float = 1.0
    guidance: float = 2.0

    def options(self) -> dict[str, float]:
        """Return the arguments of the model's `sample` that differ from their defaults."""
        usual = {k: p.default for k, p in inspect.signature(card(self.name).declared.Model.sample).parameters.items()}
        wanted = {"longer": self.longer, "temperature": round(self.wild * usual["temperature"], 3)}
        if is_flow(self.name):
            wanted["guidance"] = self.guidance
        return {key: value for key, value in wanted.items() if value != usual[key]}


def asked(v: Values) -> Asked:
    """Return what the page's controls ask for."""
    return Asked(v["model"], v["seed"], v["wild"], v["longer"], v["guidance"] if is_flow(v["model"]) else 1.0)


@dataclass(frozen=True)
class Said:
    """A word as it was said."""

    s: np.ndarray
    """its spectrogram, (128, T) in [-1, 1]"""
    x: np.ndarray
    """its waveform, ((T - 1) * 64,) in [-1, 1], 8,000 samples a second"""


def shares(known: Sequence[str], mixes: Sequence[Mix]) -> Tensor:
    """Return shares (n, known) of mixes."""
    found = torch.zeros(len(mixes), len(known))
    for row, mix in zip(found, mixes, strict=True):
        for name, share in mix:
            row[known.index(name)] += share
    return found


def alone(name: str) -> Mix:
    """Return a mix of one word, or one voice."""
    return ((name, 1.0),)


def cut(s: Tensor, frames: Tensor) -> list[np.ndarray]:
    """Return each of spectrograms (B, 128, T) with its own frames (B,) alone."""
    return [one[:, : int(n)].numpy() for one, n in zip(s, frames, strict=True)]


def batch(spectra: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return spectrograms (128, T) as models take them, -1 after the end: (B, 128, longest), its length even; and how many frames each has, (B,)."""
    frames = torch.tensor([s.shape[1] - s.shape[1] % PATCH for s in spectra])
    whole = torch.full((len(spectra), spectra[0].shape[0], int(frames.max())), -1.0)
    for row, s, n in zip(whole, spectra, frames, strict=True):
        row[:, :n] = torch.from_numpy(s[:, :n])
    return whole, frames


def voiced(spectra: Sequence[np.ndarray], high: int = 0) -> list[Said]:
    """Return spectrograms (128, T) with their sound, so many semitones higher."""
    if high:
        spectra = [higher(torch.from_numpy(s)[None], high)[0].numpy() for s in spectra]
    s, frames = batch(spectra)
    sounds = ended(load(VOCODER).decode(s), frames)
    return [Said(one, x.numpy()) for one, x in zip(spectra, sounds, strict=True)]


@remembered
def spoken(
    asked: Asked, words_: tuple[Mix, ...], voices_: tuple[Mix, ...], high: int = 0, steps: int = 0
) -> list[Said]:
    """Say words in voices, one after the other of what the seed gives.

    Args:
        words_, voices_: of each word, as many of both.
        high: semitones.
        steps: of a flow; 0 is as many as it was measured with.
    """
    model: Any = load(asked.name)
    options = asked.options() | ({"steps": steps} if steps and is_flow(asked.name) else {})
    s, frames = model.sample(
        len(words_), seed=asked.seed, word=shares(words(asked.name), words_), voice=shares(voices(asked.name), voices_), **options
    )  # fmt: skip
    return voiced(cut(s, frames), high)


def mixed(v: Values, words_: Mix, voices_: Mix) -> Said:
    """Return a word, or what lies between some, said as the page asks for."""
    return spoken(asked(v), (words_,), (voices_,), v["high"])[0]


def main(v: Values) -> Said:
    """Return the word that the page says."""
    return mixed(v, alone(word(v)), alone(voice(v)))


@remembered
def again(name: str, said_by: Asked, word_: str, voice_: str, high: int, by: tuple[str, ...]) -> list[Said]:
    """Return the word that the page says, said again by a model in other voices: what the condition does not tell is kept."""
    first = spoken(said_by, (alone(word_),), (alone(voice_),))[0]
    return repeated(name, first.s, word_, voice_, by, high)


def repeated(name: str, s: np.ndarray, word_: str, voice_: str | None, by: Sequence[str], high: int = 0) -> list[Said]:
    """Return an utterance said again by a model in other voices.

    Args:
        s: its spectrogram, (128, T) in [-1, 1].
        word_: what it says.
        voice_: who says it; None where that is not known, and all voices are as likely.
        by: in whose voices it is said again.
    """
    model: Any = load(name)
    known, spectrum, frames = words(name), *batch([s])
    who = shares(voices(name), [tuple((one, 1 / len(voices(name))) for one in voices(name))])
    if voice_ in voices(name):
        who = shares(voices(name), [alone(voice_)])
    z = model.encode(spectrum, frames, shares(known, [alone(word_)]), who)
    n = len(by)
    told = shares(known, [alone(word_)] * n), shares(voices(name), [alone(one) for one in by])
    made = model.decode(z.expand(n, *z.shape[1:]), frames.expand(n), *told)
    return voiced(cut(made, frames.expand(n)), high)


def recordings(name: str, split: str) -> Clips:
    """Return the recordings of a split of the data set that a model learnt from.

    Raises:
        zoo.data.DataNotFound: they are not at hand.
        zoo.data.DataDamaged: their file is another.
    """
    source = card(name).training["data"]
    if source not in data.names():
        raise DataNotFound(f"{name} learned from recordings of its trainer's own")
    if not data.at_hand(source):
        raise DataNotFound(data.remedy(source))
    return data.module(source).load(split)


# --- what a listener hears ---


@remembered
def judge(classes: tuple[str, ...]) -> str | None:
    """Return the listener at hand that tells some words, or voices, apart and took no part in training; None where there is none."""
    found = [name for name in zoo.names() if name.startswith(LISTENER) and name.endswith(JUDGE)]
    return next((name for name in found if card(name).config["classes"].split("|") == [*classes]), None)


def judges(name: str) -> list[str]:
    """Return the listeners that judge a model: of its words, and of its voices where it has several."""
    found = [judge(tuple(words(name))), judge(tuple(voices(name))) if several(name) else None]
    return [one for one in found if one]


def heard(name: str, sounds: Sequence[np.ndarray]) -> list[dict[str, list[tuple[str, float]]]]:
    """Return what a listener hears of a model's words: for each sound (N,) by 'word' and 'voice' all options and their probabilities, the likeliest first."""
    found: list[dict[str, list[tuple[str, float]]]] = [{} for _ in sounds]
    for what, options in (("word", words(name)), ("voice", voices(name))):
        listener = judge(tuple(options)) if len(options) > 1 else None
        if listener is None or not sounds:
            continue
        model: Any = load(listener)
        with torch.no_grad():
            framed = torch.cat([model.framed(torch.from_numpy(np.ascontiguousarray(x))[None]) for x in sounds])
            p = model.classify(framed)
        for one, row in zip(found, p, strict=True):
            one[what] = sorted(zip(options, row.tolist(), strict=True), key=lambda pair: -pair[1])
    return found


def verdict(told: dict[str, list[tuple[str, float]]]) -> str:
    """Return in a few words what a listener heard."""
    return "Heard: " + ", ".join(f"{options[0][0]} {options[0][1]:.0%}" for options in told.values()) if told else ""
