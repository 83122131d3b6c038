"""Say it without a server: the networks that speak as ONNX; what turns spectrograms into sound is in sound.js."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from playground import markup, panels
from playground.catalogue import card, load
from playground.demo import Words
from playground.demos import say_it
from playground.demos.say_it import pad, recorded, speech
from playground.hosts.static import INK
from playground.hosts.static.graphs import write
from playground.hosts.static.page import StaticPage
from zoo.models.audio_flow import AudioFlow
from zoo.models.audio_idvae import AudioIDVAE
from zoo.models.listener import Listener
from zoo.models.vocoder import Vocoder
from zoo.sound import BINS, PATCH
from zoo.spoken import Asked

PRIVATE = "Near to the microphone; or bring a file with a word in it. It stays in this browser: it is sent nowhere, and no link carries it."
FILM = "The film of a training is kept beside the networks, and is not in the page."
QUIZ = "The real recording would come out of a data set, and the page carries none; nor can it tell what was copied."
HERE = ("voices", "between", "pad", "number", "recorded", "erased", "back")  # ways to hear more that need no server


def flow(out: Path, name: str, model: AudioFlow) -> dict[str, Any]:
    """Write a flow's networks, each for one word of any length; return its facts."""
    part = model.autoencoder

    def velocity(z: Tensor, t: Tensor, word: Tensor, voice: Tensor) -> Tensor:
        told = word @ model.asked.word.weight + voice @ model.asked.voice.weight  # shares with one for what is not told
        return model.velocity(z[None], t, told, torch.ones_like(z[None, :, :1]))[0]

    def written(z: Tensor) -> tuple[Tensor, Tensor]:
        s, spread = part.written(z[None], torch.ones_like(z[None, :, :1]))
        return s[0], spread[0]

    def read(patches: Tensor) -> Tensor:
        h, there = part.enter(patches)[None], torch.ones_like(patches[None, :, :1])
        for block in part.encoder:
            h = block(h, there)
        return part.normal(part.narrow(h)[0])

    z, shares = torch.zeros(2, model.config.channels), (len(model.words) + 1, len(model.voices) + 1)
    inputs = {"z": z, "t": torch.zeros(1), "word": torch.zeros(1, shares[0]), "voice": torch.zeros(1, shares[1])}
    write(out / f"{name}.velocity.onnx", model, velocity, inputs, ["v"])
    write(out / f"{name}.write.onnx", model, written, {"z": z}, ["s", "spread"])
    write(out / f"{name}.read.onnx", model, read, {"patches": torch.zeros(2, PATCH * BINS)}, ["z"])
    return {"channels": model.config.channels, "lasts": lasts(model.asked)}


def idvae(out: Path, name: str, model: AudioIDVAE) -> dict[str, Any]:
    """Write an IDVAE's networks, each for one word of any length; return its facts."""

    def written(z: Tensor, word: Tensor, voice: Tensor, here: Tensor) -> tuple[Tensor, Tensor]:
        s, spread = model.writer(z, word, voice, here[None])
        return s[0], spread[0]

    def read(patches: Tensor) -> Tensor:
        s = patches.unflatten(1, (PATCH, BINS)).flatten(0, 1).mT[None]
        word, voice = torch.zeros(1, len(model.words)), torch.zeros(1, len(model.voices))  # z shall not tell them
        return model.reader(s, word, voice, torch.ones_like(patches[None, :, :1]))[0]

    inputs = {
        "z": torch.zeros(1, model.config.latent), "word": torch.zeros(1, len(model.words)),
        "voice": torch.zeros(1, len(model.voices)), "here": torch.ones(2, 1),
    }  # fmt: skip
    write(out / f"{name}.write.onnx", model, written, inputs, ["s", "spread"])
    write(out / f"{name}.read.onnx", model, read, {"patches": torch.zeros(2, PATCH * BINS)}, ["z"])
    return {"latent": model.config.latent, "lasts": lasts(model.writer.asked)}


def lasts(asked: Asked) -> dict[str, Any]:
    """Return how long words last in each voice: mean and standard deviation of the logarithm of their patches."""
    return {"lengths": asked.length.tolist(), "spreads": asked.spread.tolist(), "longest": asked.longest}


def vocoder(out: Path, model: Vocoder) -> dict[str, Any]:
    """Write the vocoder's network; return its facts."""

    def turns(x: Tensor) -> Tensor:
        return model.head(model.norm(model.blocks(model.enter(x)[None])))[0]

    write(out / "vocoder.onnx", model, turns, {"x": torch.zeros(2, 3 * BINS)}, ["y"])
    return {"settled": model.config.settled}


def listener(out: Path, name: str, model: Listener) -> dict[str, Any]:
    """Write a listener; return its facts."""
    s = torch.zeros(1, BINS, model.config.frames)
    write(out / f"{name}.onnx", model, model.classify, {"s": s}, ["p"])
    return {"classes": model.classes, "frames": model.config.frames}


FAMILIES: dict[str, Callable[..., dict[str, Any]]] = {"audio_flow": flow, "audio_idvae": idvae}


def models() -> list[str]:
    """Return the models that the page has: those of the first one's words."""
    first, *others = speech.models()
    return [first, *(name for name in others if speech.words(name) == speech.words(first))]


def speakers(out: Path) -> dict[str, Any]:
    """Write what the page needs: models that speak, the vocoder, and who judges them; return its facts."""
    found, listeners = [], {}
    for name in models():
        model: Any = load(name)
        judges = {"word": speech.judge(tuple(speech.words(name)))}
        if speech.several(name):
            judges["voice"] = speech.judge(tuple(speech.voices(name)))
        judges = {what: judge for what, judge in judges.items() if judge}
        listeners |= {judge: listener(out, judge, load(judge)) for judge in judges.values() if judge not in listeners}
        found.append({
            "name": name, "family": card(name).family, "words": speech.words(name), "voices": speech.voices(name), "flow": speech.is_flow(name),
            "title": speech.title(name), "kind": speech.KINDS[card(name).family],
            "keys": pad.keys(name), "judges": judges, "temperature": inspect.signature(model.sample).parameters["temperature"].default,
            **FAMILIES[card(name).family](out, name, model),
        })  # fmt: skip
    tables = card(speech.VOCODER).tables.values()
    measured = [part for table in tables for part in (Words(f"**{table.title}.** {table.text}"), panels.rows(table))]
    fields, words, voices = say_it.fields(), speech.words(models()[0]), speech.voices(models()[0])
    there = {
        "model": models(), "part": HERE, "word": words, "word2": words, "voice": voices, "voice2": voices, "meant": [recorded.HEARD, *words],
    }  # fmt: skip
    options = {
        name: {one: title for one, title in fields[name].options.items() if one in kept} for name, kept in there.items()
    }
    return {
        "models": found, "listeners": listeners, "vocoder": vocoder(out, load(speech.VOCODER)),
        "measured": markup.shown(measured, INK),
        "fields": {name: {"options": kept} for name, kept in options.items()} | {"recording": {"help": PRIVATE}},
        "explained": [recorded.explained("WORD", who).replace("*", "") for who in ("", "WHO")],
    }  # fmt: skip


PAGE = StaticPage(
    speakers,
    models=lambda: [*models(), speech.VOCODER],
    components=("sound", "canvas"),
    scripts=("network.js", "recorder.js"),
    without={"moment": FILM} | dict.fromkeys(("guess", "another"), QUIZ),
    seeds=(
        "A seed gives the same word as in the app, but for the last digits of its spectrogram. Other words than the first model's are in the "
        "app alone: their networks would be as much again to load."
    ),
)  # fmt: skip
